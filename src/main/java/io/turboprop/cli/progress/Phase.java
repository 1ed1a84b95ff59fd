package io.turboprop.cli.progress;

/**
 * The phases of executions and nodes alike, by Flyte's names; {@code flyteidl.core.NodeExecution}
 * and {@code flyteidl.core.WorkflowExecution} each have a part of them.
 */
public enum Phase {
  /** No node execution yet: the node still waits for others. */
  UNDEFINED(Kind.WAITING),
  QUEUED(Kind.WAITING),
  RUNNING(Kind.UNDER_WAY),
  DYNAMIC_RUNNING(Kind.UNDER_WAY),
  SUCCEEDING(Kind.UNDER_WAY),
  FAILING(Kind.UNDER_WAY),
  ABORTING(Kind.UNDER_WAY),
  SUCCEEDED(Kind.GOOD),
  RECOVERED(Kind.GOOD),
  SKIPPED(Kind.LEFT_OUT),
  FAILED(Kind.BAD),
  ABORTED(Kind.BAD),
  TIMED_OUT(Kind.BAD);

  /** How a phase is shown. */
  enum Kind {
    WAITING,
    UNDER_WAY,
    GOOD,
    LEFT_OUT,
    BAD
  }

  private final Kind kind;

  Phase(Kind kind) {
    this.kind = kind;
  }

  /** The phase with this name of flyteidl; an unknown name counts as under way. */
  public static Phase named(String name) {
    for (var phase : values()) {
      if (phase.name().equals(name)) {
        return phase;
      }
    }
    return RUNNING;
  }

  /** Whether this phase is the last. */
  public boolean isFinal() {
    return switch (kind) {
      case GOOD, BAD, LEFT_OUT -> true;
      case WAITING, UNDER_WAY -> false;
    };
  }

  Kind kind() {
    return kind;
  }

  /** The phase's name as clients write it; {@code WAITING} for a node without an execution. */
  String label() {
    return this == UNDEFINED ? "WAITING" : name();
  }
}
