package io.turboprop.event;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import java.util.List;

/**
 * Estimates how many bytes of memory events and their rows take. The bounds that use it need no
 * exact number: the estimate makes a few events with large values count as much as many small ones.
 */
final class EventWeight {
  /** The size of an event and its row without their large values. */
  static final int EACH_BYTES = 256;

  private EventWeight() {}

  static long bytes(List<WorkflowEvent> events) {
    return events.stream().mapToLong(event -> EACH_BYTES + content(event)).sum();
  }

  private static long content(WorkflowEvent event) {
    return switch (event) {
      case WorkflowEvent.Started started -> of(started.inputs());
      case WorkflowEvent.Succeeded succeeded -> of(succeeded.outputs());
      case WorkflowEvent.Failing failing -> of(failing.error());
      case WorkflowEvent.Failed failed -> of(failed.error());
      case WorkflowEvent.Aborting aborting -> aborting.cause().length();
      case WorkflowEvent.Aborted aborted -> aborted.cause().length();
      case WorkflowEvent.GraphOpened node -> of(node.inputs()) + of(node.conclusion());
      case WorkflowEvent.GraphFailing node -> of(node.error());
      case WorkflowEvent.NodeRunning node ->
          node.progress().state().size() + (long) node.progress().details().size();
      case WorkflowEvent.NodeExpired node -> of(node.error());
      case WorkflowEvent.NodeRetrying node -> of(node.error()) + of(node.conclusion());
      case WorkflowEvent.NodeSucceeded node -> of(node.outputs()) + of(node.conclusion());
      case WorkflowEvent.NodeRecovered node -> of(node.outputs()) + of(node.conclusion());
      case WorkflowEvent.NodeFailed node -> of(node.error()) + of(node.conclusion());
      case WorkflowEvent.NodeTimedOut node -> of(node.error());
      case WorkflowEvent.NodeAborted node -> node.cause().length();
      case WorkflowEvent.Succeeding _,
          WorkflowEvent.NodeQueued _,
          WorkflowEvent.GraphEnded _,
          WorkflowEvent.NodeAwoken _,
          WorkflowEvent.NodeRequeued _,
          WorkflowEvent.NodeSkipped _ ->
          0;
    };
  }

  private static long of(Values values) {
    return switch (values) {
      case Values.Inline(var literals) -> literals.map().getSerializedSize();
      case Values.Stored _ -> 0;
    };
  }

  private static long of(ExecutionError error) {
    return error.message().length();
  }

  private static long of(AttemptSummary conclusion) {
    return conclusion.details().size() + (long) conclusion.cache().key().size();
  }
}
