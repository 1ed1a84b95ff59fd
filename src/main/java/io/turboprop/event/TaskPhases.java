package io.turboprop.event;

import flyteidl.core.Execution.TaskExecution.Phase;
import io.turboprop.workflow.state.Progress;

/**
 * Maps the phases of task plugins to those that clients see ({@code
 * flyteidl.core.TaskExecution.Phase}).
 */
final class TaskPhases {
  private static final int NOT_READY = 1;
  private static final int WAITING_FOR_RESOURCES = 2;
  private static final int QUEUED = 3;
  private static final int INITIALIZING = 4;
  private static final int RUNNING = 5;

  private TaskPhases() {}

  /** Whether the task still waits, for a cache entry, for a slot or in a queue of its plugin. */
  static boolean isQueued(int pluginPhase) {
    return pluginPhase <= QUEUED;
  }

  /** Whether clients see an attempt: its plugin has been asked to run it, or it has details. */
  static boolean isShown(Progress progress) {
    return progress.phase() >= WAITING_FOR_RESOURCES || !progress.details().isEmpty();
  }

  /**
   * The phase that clients see for the number of a plugin's phase, unless that phase is terminal.
   */
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
