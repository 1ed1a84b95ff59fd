package io.turboprop.flyteadmin;

import com.google.protobuf.Message;
import flyteidl.core.Execution.ExecutionError;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.WorkflowExecutionEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * Smaller forms of an event that FlyteAdmin finds too large, or finds fault with: FlyteAdmin's
 * record of an execution misses details then, but not the phase. FlytePropeller fails the node
 * instead.
 */
final class EventTrimming {
  private static final int ERROR_MESSAGE_BYTES_MAX = 8 * 1024;
  private static final int SHORTEST_ERROR_BYTES_MAX = 1024;
  private static final int REASONS_MAX = 10;

  private EventTrimming() {}

  /** The smaller forms, each smaller than the one before. */
  static List<Message> of(Message event) {
    return switch (event) {
      case WorkflowExecutionEvent workflow ->
          List.of(withError(workflow, ERROR_MESSAGE_BYTES_MAX), bare(workflow));
      case NodeExecutionEvent node -> List.of(withoutDetails(node), bare(node));
      case TaskExecutionEvent task -> List.of(withoutDetails(task), bare(task));
      default -> throw new IllegalArgumentException("not an event: " + event.getClass());
    };
  }

  private static Message withError(WorkflowExecutionEvent event, int bytesMax) {
    return event.hasError()
        ? event.toBuilder().setError(shorter(event.getError(), bytesMax)).build()
        : event;
  }

  private static Message bare(WorkflowExecutionEvent event) {
    var bare = event.toBuilder();
    if (event.hasOutputData()) {
      bare.clearOutputData();
    }
    return withError(bare.build(), SHORTEST_ERROR_BYTES_MAX);
  }

  /** Without the compiled workflow of a dynamic node, whose address stays. */
  private static Message withoutDetails(NodeExecutionEvent event) {
    var less = event.toBuilder();
    if (event.hasTaskNodeMetadata() && event.getTaskNodeMetadata().hasDynamicWorkflow()) {
      less.getTaskNodeMetadataBuilder().getDynamicWorkflowBuilder().clearCompiledWorkflow();
    }
    if (event.hasInputData()) {
      less.clearInputData();
    }
    if (event.hasError()) {
      less.setError(shorter(event.getError(), ERROR_MESSAGE_BYTES_MAX));
    }
    return less.build();
  }

  private static Message bare(NodeExecutionEvent event) {
    var bare =
        event.toBuilder()
            .clearTargetMetadata()
            .clearTargetEntity()
            .clearInputValue()
            .clearDeckUri();
    if (event.hasOutputData()) {
      bare.clearOutputData();
    }
    if (event.hasError()) {
      bare.setError(shorter(event.getError(), SHORTEST_ERROR_BYTES_MAX));
    }
    return bare.build();
  }

  /** Without custom info, logs of elements, and all but the last reasons. */
  private static Message withoutDetails(TaskExecutionEvent event) {
    var less = event.toBuilder().clearCustomInfo();
    var reasons = new ArrayList<>(event.getReasonsList());
    if (reasons.size() > REASONS_MAX) {
      less.clearReasons()
          .addAllReasons(reasons.subList(reasons.size() - REASONS_MAX, reasons.size()));
    }
    if (event.hasMetadata()) {
      less.getMetadataBuilder()
          .getExternalResourcesBuilderList()
          .forEach(resource -> resource.clearLogs().clearCustomInfo());
    }
    if (event.hasError()) {
      less.setError(shorter(event.getError(), ERROR_MESSAGE_BYTES_MAX));
    }
    return less.build();
  }

  private static Message bare(TaskExecutionEvent event) {
    var bare =
        event.toBuilder()
            .clearCustomInfo()
            .clearReasons()
            .clearReason()
            .clearLogs()
            .clearMetadata();
    if (event.hasOutputData()) {
      bare.clearOutputData();
    }
    if (event.hasError()) {
      bare.setError(shorter(event.getError(), SHORTEST_ERROR_BYTES_MAX));
    }
    return bare.build();
  }

  private static ExecutionError shorter(ExecutionError error, int bytesMax) {
    return error.toBuilder()
        .setMessage(io.turboprop.data.ExecutionError.trimmed(error.getMessage(), bytesMax))
        .build();
  }
}
