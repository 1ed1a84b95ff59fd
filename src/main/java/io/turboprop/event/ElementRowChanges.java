package io.turboprop.event;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.TaskExecution.Phase;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The changes that an event of one element of an array of tasks makes in the element's row; pure.
 * Clients see such elements within the one task execution of the array, not as nodes. An element
 * that is queued for the first time needs no row.
 */
final class ElementRowChanges {
  private final ArrayElementChange.Key key;
  private final Instant at;

  private ElementRowChanges(ArrayElementChange.Key key, Instant at) {
    this.key = key;
    this.at = at;
  }

  static Optional<ArrayElementChange> of(long number, NodeKind.Array array, NodeEvent event) {
    return new ElementRowChanges(key(number, array, event.node()), event.at()).of(event);
  }

  private static ArrayElementChange.Key key(long number, NodeKind.Array array, NodePath path) {
    return new ArrayElementChange.Key(
        number,
        Naming.uniqueNodeId(path.parent().orElseThrow()),
        path.parentAttempt(),
        new ElementGraph(array, Integer.MAX_VALUE).number(path.nodeId()));
  }

  private Optional<ArrayElementChange> of(NodeEvent event) {
    return switch (event) {
      case WorkflowEvent.NodeRunning e -> running(e);
      case WorkflowEvent.NodeRequeued e -> change(Phase.QUEUED, e.attempt(), AttemptSummary.NONE);
      case WorkflowEvent.NodeRetrying e ->
          change(Phase.RETRYABLE_FAILED, e.attempt(), e.conclusion());
      case WorkflowEvent.NodeSucceeded e -> change(Phase.SUCCEEDED, e.attempt(), e.conclusion());
      case WorkflowEvent.NodeRecovered e -> change(Phase.SUCCEEDED, e.attempt(), e.conclusion());
      case WorkflowEvent.NodeFailed e -> change(Phase.FAILED, e.attempt(), e.conclusion());
      case WorkflowEvent.NodeTimedOut e -> change(Phase.FAILED, e.attempt(), AttemptSummary.NONE);
      case WorkflowEvent.NodeAborted e -> change(Phase.ABORTED, e.attempt(), AttemptSummary.NONE);
      case WorkflowEvent.NodeQueued _,
          WorkflowEvent.NodeSkipped _,
          WorkflowEvent.NodeAwoken _,
          WorkflowEvent.NodeExpired _,
          WorkflowEvent.GraphOpened _,
          WorkflowEvent.GraphEnded _,
          WorkflowEvent.GraphFailing _ ->
          Optional.empty();
    };
  }

  private Optional<ArrayElementChange> running(WorkflowEvent.NodeRunning event) {
    var progress = event.progress();
    var phase = TaskPhases.of(progress.phase());
    return Optional.of(
        new ArrayElementChange(
            key,
            phase.getNumber(),
            event.attempt(),
            AttemptSummary.CacheStatus.DISABLED.number(),
            phase == Phase.RUNNING ? at : null,
            at,
            orNull(progress.details())));
  }

  private Optional<ArrayElementChange> change(Phase phase, int retry, AttemptSummary conclusion) {
    return Optional.of(
        new ArrayElementChange(
            key,
            phase.getNumber(),
            retry,
            conclusion.cache().status().number(),
            conclusion.startedAt().orElse(null),
            at,
            orNull(conclusion.details())));
  }

  private static @Nullable ByteString orNull(ByteString details) {
    return details.isEmpty() ? null : details;
  }
}
