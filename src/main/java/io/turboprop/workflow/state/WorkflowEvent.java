package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Subgraph;
import java.time.Instant;
import java.util.Optional;

/**
 * What happened in an execution. Facts only: {@code evolve} copies them, no rule is asked again.
 */
public sealed interface WorkflowEvent {
  /** When the engine decided it, by its clock. */
  Instant at();

  record Started(String planDigest, Values inputs, ExecutionSettings settings, Instant at)
      implements WorkflowEvent {}

  /** The graph is walked to its end. */
  record Succeeding(Instant at) implements WorkflowEvent {}

  record Succeeded(Values outputs, Instant at) implements WorkflowEvent {}

  /** The outcome is fixed; what still runs is being stopped. */
  record Failing(ExecutionError error, Instant at) implements WorkflowEvent {}

  record Failed(ExecutionError error, Instant at) implements WorkflowEvent {}

  /** A client wants it to end; what still runs is being stopped. */
  record Aborting(String cause, Instant at) implements WorkflowEvent {}

  record Aborted(String cause, Instant at) implements WorkflowEvent {}

  /** What happened to one node. */
  sealed interface NodeEvent extends WorkflowEvent {
    NodePath node();
  }

  /** All it waited for is there, and it may run; the beginning of attempt 0. */
  record NodeQueued(NodePath node, Instant at) implements NodeEvent {}

  /**
   * The graph inside a node begins, with these inputs.
   *
   * @param conclusion of the task that made the graph, if one did
   */
  record GraphOpened(
      NodePath node,
      int attempt,
      Values inputs,
      Subgraph contents,
      AttemptSummary conclusion,
      Instant at)
      implements NodeEvent {}

  /** The graph inside a node has been walked to its end; a worker sees to what it made. */
  record GraphEnded(NodePath node, int attempt, Instant at) implements NodeEvent {}

  /** The outcome of the graph inside a node is fixed; what still runs in it is being stopped. */
  record GraphFailing(NodePath node, int attempt, ExecutionError error, Instant at)
      implements NodeEvent {}

  /** An attempt has made progress. */
  record NodeRunning(
      NodePath node, int attempt, Progress progress, Optional<Instant> sleepsUntil, Instant at)
      implements NodeEvent {}

  /** An attempt that slept is to be looked at again. */
  record NodeAwoken(NodePath node, int attempt, Instant at) implements NodeEvent {}

  /** An attempt has run out of time and is being stopped; what comes then is decided after that. */
  record NodeExpired(NodePath node, int attempt, Expiry expiry, ExecutionError error, Instant at)
      implements NodeEvent {}

  /**
   * An attempt has failed, and another will follow.
   *
   * @param permit what has become of the node's permit
   */
  record NodeRetrying(
      NodePath node,
      int attempt,
      ExecutionError error,
      AttemptSummary conclusion,
      Instant notBefore,
      Permit permit,
      Instant at)
      implements NodeEvent {}

  /** The pause before the next attempt is over, or the node has the permit that it waited for. */
  record NodeRequeued(NodePath node, int attempt, Instant at) implements NodeEvent {}

  record NodeSucceeded(
      NodePath node, int attempt, Values outputs, AttemptSummary conclusion, Instant at)
      implements NodeEvent {}

  /** An earlier execution had done it, and what it made serves for this one too. */
  record NodeRecovered(
      NodePath node, int attempt, Values outputs, AttemptSummary conclusion, Instant at)
      implements NodeEvent {}

  record NodeFailed(
      NodePath node, int attempt, ExecutionError error, AttemptSummary conclusion, Instant at)
      implements NodeEvent {}

  record NodeTimedOut(NodePath node, int attempt, ExecutionError error, Instant at)
      implements NodeEvent {}

  /** It will never run, since something it waited for did not succeed. */
  record NodeSkipped(NodePath node, Instant at) implements NodeEvent {}

  /** It was stopped because the execution ends. */
  record NodeAborted(NodePath node, int attempt, String cause, Instant at) implements NodeEvent {}

  /** Which limit was reached. */
  enum Expiry {
    /** That of one attempt: another may follow. */
    EXECUTION,
    /**
     * That of all attempts together: the node has timed out. Only in journals of earlier versions.
     */
    ACTIVE
  }

  /** Whether a node that is tried again still counts among those that run at once. */
  enum Permit {
    /** The next attempt runs on it. */
    KEPT,
    /** The last attempt has left it to the graph inside; the next attempt needs another. */
    RELEASED,
    /** The event was written by a version that did not record it. */
    UNRECORDED
  }
}
