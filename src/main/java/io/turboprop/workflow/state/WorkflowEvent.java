package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Subgraph;
import java.time.Instant;
import java.util.Optional;

/**
 * An event of an execution: a fact that was decided. The state changes by copying it; no rule is
 * evaluated again.
 */
public sealed interface WorkflowEvent {
  /** The time of the decision, by the engine's clock. */
  Instant at();

  record Started(String planDigest, Values inputs, ExecutionSettings settings, Instant at)
      implements WorkflowEvent {}

  /** The graph has ended with success. */
  record Succeeding(Instant at) implements WorkflowEvent {}

  record Succeeded(Values outputs, Instant at) implements WorkflowEvent {}

  /** The outcome is fixed; what still runs is being stopped. */
  record Failing(ExecutionError error, Instant at) implements WorkflowEvent {}

  record Failed(ExecutionError error, Instant at) implements WorkflowEvent {}

  /** A client has aborted the execution; running nodes are being stopped. */
  record Aborting(String cause, Instant at) implements WorkflowEvent {}

  record Aborted(String cause, Instant at) implements WorkflowEvent {}

  /** An event of one node. */
  sealed interface NodeEvent extends WorkflowEvent {
    NodePath node();
  }

  /** The node waits for nothing any more and may run: attempt 0 begins. */
  record NodeQueued(NodePath node, Instant at) implements NodeEvent {}

  /**
   * The graph inside a node was opened with these inputs.
   *
   * @param conclusion the summary of the attempt whose task made the graph; empty if no task did
   */
  record GraphOpened(
      NodePath node,
      int attempt,
      Values inputs,
      Subgraph contents,
      AttemptSummary conclusion,
      Instant at)
      implements NodeEvent {}

  /** The graph inside a node has ended; a worker handles its outputs. */
  record GraphEnded(NodePath node, int attempt, Instant at) implements NodeEvent {}

  /** The outcome of the graph inside a node is fixed; what still runs in it is being stopped. */
  record GraphFailing(NodePath node, int attempt, ExecutionError error, Instant at)
      implements NodeEvent {}

  /** An attempt has made progress. */
  record NodeRunning(
      NodePath node, int attempt, Progress progress, Optional<Instant> sleepsUntil, Instant at)
      implements NodeEvent {}

  /** The sleep of an attempt has ended. */
  record NodeAwoken(NodePath node, int attempt, Instant at) implements NodeEvent {}

  /**
   * An attempt has run out of time and is being stopped. The machine decides about a retry when it
   * has stopped.
   */
  record NodeExpired(NodePath node, int attempt, Expiry expiry, ExecutionError error, Instant at)
      implements NodeEvent {}

  /**
   * An attempt has failed, and another follows.
   *
   * @param permit whether the node keeps its permit
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

  /** The pause before the next attempt is over, or the node has got another permit. */
  record NodeRequeued(NodePath node, int attempt, Instant at) implements NodeEvent {}

  record NodeSucceeded(
      NodePath node, int attempt, Values outputs, AttemptSummary conclusion, Instant at)
      implements NodeEvent {}

  /** The node takes its outputs from an earlier execution, in which it succeeded. */
  record NodeRecovered(
      NodePath node, int attempt, Values outputs, AttemptSummary conclusion, Instant at)
      implements NodeEvent {}

  record NodeFailed(
      NodePath node, int attempt, ExecutionError error, AttemptSummary conclusion, Instant at)
      implements NodeEvent {}

  record NodeTimedOut(NodePath node, int attempt, ExecutionError error, Instant at)
      implements NodeEvent {}

  /** The node will never run, because a node that it waited for did not succeed. */
  record NodeSkipped(NodePath node, Instant at) implements NodeEvent {}

  /** The node was stopped because its graph or the execution is stopped. */
  record NodeAborted(NodePath node, int attempt, String cause, Instant at) implements NodeEvent {}

  /** The limit that an attempt has reached. */
  enum Expiry {
    /** The limit of one attempt: another attempt may follow. */
    EXECUTION,
    /**
     * The limit of all attempts together: the node has timed out. Occurs only in journals of
     * earlier versions.
     */
    ACTIVE
  }

  /** Whether a node that is retried still counts against the limit of parallel nodes. */
  enum Permit {
    /** The next attempt uses the same permit. */
    KEPT,
    /**
     * The last attempt has passed its permit to the graph inside; the next attempt needs another.
     */
    RELEASED,
    /** A version that did not record the permit wrote the event. */
    UNRECORDED
  }
}
