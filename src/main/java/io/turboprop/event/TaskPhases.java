package io.turboprop.event;

import flyteidl.core.Execution.TaskExecution.Phase;

/** How the phases of task plugins are told to clients (tasks §1.1). */
final class TaskPhases {
  private static final int WAITING_FOR_RESOURCES = 2;
  private static final int QUEUED = 3;
  private static final int INITIALIZING = 4;
  private static final int RUNNING = 5;

  private TaskPhases() {}

  /** Whether a plugin has been asked to run the task. */
  static boolean isBegun(int pluginPhase) {
    return pluginPhase >= WAITING_FOR_RESOURCES;
  }

  /** The phase that clients see for the number of a plugin's phase that is not the last. */
  static Phase of(int pluginPhase) {
    return switch (pluginPhase) {
      case WAITING_FOR_RESOURCES -> Phase.WAITING_FOR_RESOURCES;
      case QUEUED -> Phase.QUEUED;
      case INITIALIZING -> Phase.INITIALIZING;
      case RUNNING -> Phase.RUNNING;
      default -> Phase.UNDEFINED;
    };
  }
}
