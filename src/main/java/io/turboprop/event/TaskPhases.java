package io.turboprop.event;

import flyteidl.core.Execution.TaskExecution.Phase;
import io.turboprop.workflow.state.Progress;

/** How the phases of task plugins are told to clients (tasks §1.1). */
final class TaskPhases {
  private static final int NOT_READY = 1;
  private static final int WAITING_FOR_RESOURCES = 2;
  private static final int QUEUED = 3;
  private static final int INITIALIZING = 4;
  private static final int RUNNING = 5;

  private TaskPhases() {}

  /** Whether the task still waits: for others, for a slot, for a queue of its plugin. */
  static boolean isQueued(int pluginPhase) {
    return pluginPhase <= QUEUED;
  }

  /**
   * Whether clients are shown an attempt: a plugin has been asked to run it, or there is something
   * to say of it.
   */
  static boolean isShown(Progress progress) {
    return progress.phase() >= WAITING_FOR_RESOURCES || !progress.details().isEmpty();
  }

  /** The phase that clients see for the number of a plugin's phase that is not the last. */
  static Phase of(int pluginPhase) {
    return switch (pluginPhase) {
      case WAITING_FOR_RESOURCES -> Phase.WAITING_FOR_RESOURCES;
      case NOT_READY, QUEUED -> Phase.QUEUED;
      case INITIALIZING -> Phase.INITIALIZING;
      case RUNNING -> Phase.RUNNING;
      default -> Phase.UNDEFINED;
    };
  }
}
