package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import java.time.Instant;
import java.util.Optional;

/** The state of one node: one record per phase, with only the fields that the phase has. */
public sealed interface NodeState {

  /** The node waits for other nodes, for a permit or for its turn. */
  record Pending() implements NodeState {
    static final Pending INSTANCE = new Pending();
  }

  /**
   * An attempt is under way.
   *
   * @param attempt from 0
   * @param systemFailures how many attempts have failed by a system error
   * @param queuedAt the time at which the first attempt was queued
   * @param startedAt the time at which this attempt began to run; empty while it is queued
   * @param sleepsUntil the attempt needs no call before this time
   * @param inner the graph inside, after it was opened
   * @param finishing the graph inside has ended, and a worker handles its outputs
   */
  record Active(
      int attempt,
      int systemFailures,
      Instant queuedAt,
      Optional<Instant> startedAt,
      Progress progress,
      Optional<Instant> sleepsUntil,
      Optional<GraphState> inner,
      boolean finishing)
      implements NodeState {
    /** The end of a sleep that only a notification ends. */
    public static final Instant UNTIL_TOLD = Instant.parse("9999-12-31T00:00:00Z");

    static Active first(Instant queuedAt) {
      return attempt(0, 0, queuedAt);
    }

    static Active attempt(int attempt, int systemFailures, Instant queuedAt) {
      return new Active(
          attempt,
          systemFailures,
          queuedAt,
          Optional.empty(),
          Progress.NONE,
          Optional.empty(),
          Optional.empty(),
          false);
    }

    /** Whether the node only waits for the graph inside to end. */
    public boolean hasRunningSubgraph() {
      return inner.isPresent() && !finishing;
    }

    Active with(GraphState graph) {
      return new Active(
          attempt,
          systemFailures,
          queuedAt,
          startedAt,
          progress,
          Optional.empty(),
          Optional.of(graph),
          finishing);
    }

    Active asFinishing() {
      return new Active(
          attempt, systemFailures, queuedAt, startedAt, progress, sleepsUntil, inner, true);
    }

    Active running(Progress news, Optional<Instant> startedAt, Optional<Instant> sleepsUntil) {
      return new Active(
          attempt, systemFailures, queuedAt, startedAt, news, sleepsUntil, inner, finishing);
    }
  }

  /**
   * The node pauses between two attempts.
   *
   * @param attempt the one to come
   * @param permitReleased the last attempt has passed its permit to the graph inside, so that the
   *     node needs another
   */
  record Paused(
      int attempt, int systemFailures, Instant queuedAt, Instant until, boolean permitReleased)
      implements NodeState {}

  /**
   * The node waits for a permit before it runs again, because its last attempt passed the permit to
   * the graph inside.
   *
   * @param attempt the one to come
   */
  record Requeued(int attempt, int systemFailures, Instant queuedAt) implements NodeState {}

  /**
   * The attempt has run out of time and is being stopped.
   *
   * @param hadSubgraph whether the attempt has opened a graph inside
   */
  record Expiring(
      int attempt,
      int systemFailures,
      Instant queuedAt,
      WorkflowEvent.Expiry expiry,
      ExecutionError error,
      boolean hadSubgraph)
      implements NodeState {}

  /**
   * The node has ended.
   *
   * @param outputs its outputs; no values unless it succeeded
   */
  record Ended(NodePhase phase, int attempt, Values outputs, Optional<ExecutionError> error)
      implements NodeState {}

  /** The phase in which a node ends. */
  enum NodePhase {
    SUCCEEDED,
    FAILED,
    SKIPPED,
    TIMED_OUT,
    ABORTED,
    /** The node has the outputs of an earlier execution, in which it succeeded. */
    RECOVERED;

    public boolean succeeded() {
      return this == SUCCEEDED || this == RECOVERED;
    }

    public boolean failed() {
      return this == FAILED || this == TIMED_OUT;
    }
  }
}
