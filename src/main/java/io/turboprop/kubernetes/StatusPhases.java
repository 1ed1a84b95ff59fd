package io.turboprop.kubernetes;

import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;

/**
 * Maps the phases that clients see to the numbers that FlytePropeller writes into the status of a
 * resource.
 */
final class StatusPhases {
  static final int SUCCESS = 3;
  static final int FAILED = 5;
  static final int ABORTED = 6;

  private static final int FAILING = 4;
  private static final int HANDLING_FAILURE_NODE = 7;

  private StatusPhases() {}

  /** FlytePropeller's number of a workflow's phase. */
  static int workflow(WorkflowExecution.Phase phase) {
    return switch (phase) {
      case UNDEFINED, QUEUED -> 0;
      case RUNNING, ABORTING -> 1;
      case SUCCEEDING -> 2;
      case SUCCEEDED -> SUCCESS;
      case FAILING -> 4;
      case FAILED, TIMED_OUT -> FAILED;
      case ABORTED -> ABORTED;
      case UNRECOGNIZED -> throw new IllegalArgumentException("unknown phase of a workflow");
    };
  }

  /** Whether nothing follows a phase of a workflow. */
  static boolean isTerminal(int workflow) {
    return workflow == SUCCESS || workflow == FAILED || workflow == ABORTED;
  }

  /** Whether a workflow is about to fail. */
  static boolean isFailing(int workflow) {
    return workflow == FAILING || workflow == HANDLING_FAILURE_NODE;
  }

  /** FlytePropeller's number of a node's phase. FlytePropeller has none for an aborted node. */
  static int node(NodeExecution.Phase phase) {
    return switch (phase) {
      case UNDEFINED -> 0;
      case QUEUED -> 1;
      case RUNNING -> 2;
      case FAILING -> 3;
      case SUCCEEDED -> 5;
      case FAILED, ABORTED -> 6;
      case SKIPPED -> 7;
      case TIMED_OUT -> 10;
      case DYNAMIC_RUNNING -> 11;
      case RECOVERED -> 12;
      case UNRECOGNIZED -> throw new IllegalArgumentException("unknown phase of a node");
    };
  }

  /** Whether nothing follows a phase of a node. */
  static boolean isTerminalNode(int node) {
    return switch (node) {
      case 5, 6, 7, 10, 12 -> true;
      default -> false;
    };
  }

  /** The number of a task's phase in Flyte's plugins. */
  static int task(TaskExecution.Phase phase) {
    return switch (phase) {
      case UNDEFINED -> 0;
      case WAITING_FOR_RESOURCES -> 2;
      case QUEUED -> 3;
      case INITIALIZING -> 4;
      case RUNNING -> 5;
      case SUCCEEDED -> 6;
      case RETRYABLE_FAILED -> 7;
      case FAILED -> 8;
      case ABORTED -> 10;
      case UNRECOGNIZED -> throw new IllegalArgumentException("unknown phase of a task");
    };
  }
}
