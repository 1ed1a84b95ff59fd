package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import java.time.Instant;
import java.util.Optional;

/** Where one node is in its life; what cannot happen in a phase cannot be written in its record. */
public sealed interface NodeState {

  /** Nothing has happened to it: it waits for other nodes, for a permit, or for its turn. */
  record Pending() implements NodeState {
    static final Pending INSTANCE = new Pending();
  }

  /**
   * An attempt is under way.
   *
   * @param attempt from 0
   * @param systemFailures how many attempts the platform has spoiled
   * @param queuedAt when the first attempt began to wait
   * @param startedAt when this attempt began to run; empty while it is queued
   * @param sleepsUntil nothing is to be done for it before this moment
   * @param inner the graph inside, once it has been opened
   * @param finishing the graph inside has ended, and a worker sees to what it made
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
    /** The moment of a sleep that only a message ends. */
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

    /** Whether nothing is done for it but walk the graph inside. */
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
   * Between two attempts.
   *
   * @param attempt the one to come
   * @param permitReleased the last attempt has left its permit to the graph inside, so that the
   *     node needs another
   */
  record Paused(
      int attempt, int systemFailures, Instant queuedAt, Instant until, boolean permitReleased)
      implements NodeState {}

  /**
   * It waits for a permit, as the last attempt has left its own to the graph inside.
   *
   * @param attempt the one to come
   */
  record Requeued(int attempt, int systemFailures, Instant queuedAt) implements NodeState {}

  /**
   * Out of time; the attempt is being stopped.
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
   * The end.
   *
   * @param outputs what it made; nothing unless it succeeded
   */
  record Ended(NodePhase phase, int attempt, Values outputs, Optional<ExecutionError> error)
      implements NodeState {}

  /** How a node may end. */
  enum NodePhase {
    SUCCEEDED,
    FAILED,
    SKIPPED,
    TIMED_OUT,
    ABORTED,
    /** An earlier execution had succeeded with it. */
    RECOVERED;

    public boolean succeeded() {
      return this == SUCCEEDED || this == RECOVERED;
    }

    public boolean failed() {
      return this == FAILED || this == TIMED_OUT;
    }
  }
}
