package io.turboprop.plugin;

/**
 * The phases of an attempt that has not ended, as in Flyte's plugins ({@code core.Phase}); the
 * numbers are stored.
 */
public enum TaskPhase {
  NOT_READY(1),
  WAITING_FOR_RESOURCES(2),
  QUEUED(3),
  INITIALIZING(4),
  RUNNING(5);

  private final int number;

  TaskPhase(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
