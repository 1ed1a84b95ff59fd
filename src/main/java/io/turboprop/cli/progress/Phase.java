package io.turboprop.cli.progress;

/**
 * The phases of executions and nodes alike, by Flyte's names; {@code flyteidl.core.NodeExecution}
 * and {@code flyteidl.core.WorkflowExecution} each have a part of them.
 */
public enum Phase {
  /** Not there yet: a node that still waits for others. */
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

  /** What a phase means to the one who looks. */
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

  /** The phase with the name of one of flyteidl's; a name of the future counts as under way. */
  public static Phase named(String name) {
    for (var phase : values()) {
      if (phase.name().equals(name)) {
        return phase;
      }
    }
    return RUNNING;
  }

  /** Whether nothing follows. */
  public boolean isFinal() {
    return switch (kind) {
      case GOOD, BAD, LEFT_OUT -> true;
      case WAITING, UNDER_WAY -> false;
    };
  }

  Kind kind() {
    return kind;
  }

  /** As a client would write it; {@code WAITING} for what is not there yet. */
  String label() {
    return this == UNDEFINED ? "WAITING" : name();
  }
}
