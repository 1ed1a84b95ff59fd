package io.turboprop.admin.executions;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionClosure;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionMetaData;
import flyteidl.admin.NodeExecutionOuterClass.TaskNodeMetadata;
import flyteidl.admin.TaskExecutionOuterClass.Reason;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionClosure;
import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.Execution.TaskExecution.Phase;
import flyteidl.core.Execution.TaskLog;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.StoredMessages;
import io.turboprop.data.Values;
import io.turboprop.event.AttemptDetails;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.TaskExecutionRow;
import io.turboprop.workflow.state.AttemptSummary.CacheStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Node and task executions as clients see them ({@code flyteidl.admin.NodeExecution}, {@code
 * TaskExecution}).
 */
final class NodeMessages {
  private static final int EVENT_VERSION = 1;

  private NodeMessages() {}

  static NodeExecutionIdentifier id(ExecutionId execution, String nodeId) {
    return NodeExecutionIdentifier.newBuilder()
        .setExecutionId(ExecutionMessages.id(execution))
        .setNodeId(nodeId)
        .build();
  }

  /**
   * @param outputs the node's outputs, if it has any
   * @param inputUri the file of the inputs, if they are in a file
   * @param task whether the node runs a task
   * @param array whether the node is an array node
   */
  static NodeExecution node(
      ExecutionId execution,
      NodeExecutionRow row,
      @Nullable Values outputs,
      String inputUri,
      boolean task,
      boolean array,
      boolean listed) {
    return NodeExecution.newBuilder()
        .setId(id(execution, row.nodeId()))
        .setInputUri(inputUri)
        .setClosure(closure(row, outputs, task, listed))
        .setMetadata(
            NodeExecutionMetaData.newBuilder()
                .setSpecNodeId(row.path().nodeId())
                .setIsParentNode(row.parent())
                .setIsArray(array)
                .setRetryGroup(
                    row.path().isRoot() ? "" : String.valueOf(row.path().parentAttempt())))
        .build();
  }

  private static NodeExecutionClosure closure(
      NodeExecutionRow row, @Nullable Values outputs, boolean task, boolean listed) {
    var closure =
        NodeExecutionClosure.newBuilder()
            .setPhaseValue(row.phase())
            .setCreatedAt(ExecutionMessages.createdAt(row.moments()))
            .setUpdatedAt(Identifiers.timestamp(row.moments().updatedAt()));
    var startedAt = row.moments().startedAt();
    if (startedAt != null) {
      closure.setStartedAt(Identifiers.timestamp(startedAt));
    }
    var duration = ExecutionMessages.duration(row.moments());
    if (duration != null) {
      closure.setDuration(duration);
    }
    addResult(closure, row, outputs, listed);
    var deck = row.deckUri();
    if (deck != null) {
      closure.setDeckUri(deck);
    }
    if (task) {
      closure.setTaskNodeMetadata(taskNode(row));
    }
    return closure.build();
  }

  private static void addResult(
      NodeExecutionClosure.Builder closure,
      NodeExecutionRow row,
      @Nullable Values outputs,
      boolean listed) {
    var error = row.error();
    if (error != null) {
      closure.setError(ExecutionMessages.error(error, listed));
      return;
    }
    switch (outputs) {
      case null -> {}
      case Values.Inline(var literals) -> closure.setOutputData(literals.map());
      case Values.Stored(var reference) -> closure.setOutputUri(reference.uri());
    }
  }

  private static TaskNodeMetadata taskNode(NodeExecutionRow row) {
    var metadata = TaskNodeMetadata.newBuilder().setCacheStatus(cacheStatus(row.cache().status()));
    if (!row.cache().key().isEmpty()) {
      metadata.setCatalogKey(StoredMessages.parse(CatalogMetadata.parser(), row.cache().key()));
    }
    return metadata.build();
  }

  private static CatalogCacheStatus cacheStatus(CacheStatus status) {
    return switch (status) {
      case DISABLED -> CatalogCacheStatus.CACHE_DISABLED;
      case MISS -> CatalogCacheStatus.CACHE_MISS;
      case HIT -> CatalogCacheStatus.CACHE_HIT;
      case POPULATED -> CatalogCacheStatus.CACHE_POPULATED;
      case LOOKUP_FAILURE -> CatalogCacheStatus.CACHE_LOOKUP_FAILURE;
      case PUT_FAILURE -> CatalogCacheStatus.CACHE_PUT_FAILURE;
      case SKIPPED -> CatalogCacheStatus.CACHE_SKIPPED;
      case EVICTED -> CatalogCacheStatus.CACHE_EVICTED;
    };
  }

  static TaskExecutionIdentifier taskId(ExecutionId execution, TaskExecutionRow row) {
    return TaskExecutionIdentifier.newBuilder()
        .setTaskId(row.task().toMessage())
        .setNodeExecutionId(id(execution, row.nodeId()))
        .setRetryAttempt(row.attempt())
        .build();
  }

  /**
   * @param outputs the node's outputs, if this attempt made them
   */
  static TaskExecution task(
      ExecutionId execution, TaskExecutionRow row, String inputUri, @Nullable Values outputs) {
    var details = AttemptDetails.parse(row.details());
    var closure =
        TaskExecutionClosure.newBuilder()
            .setPhaseValue(row.phase())
            .setCreatedAt(ExecutionMessages.createdAt(row.moments()))
            .setUpdatedAt(Identifiers.timestamp(row.moments().updatedAt()))
            .addAllLogs(shown(details.getLogsList(), row.phase()))
            .setCustomInfo(details.getCustomInfo())
            .setTaskType(details.getTaskType())
            .setMetadata(details.getMetadata())
            .setEventVersion(EVENT_VERSION);
    addMoments(closure, row);
    addReasons(closure, row);
    addResult(closure, row, outputs);
    return TaskExecution.newBuilder()
        .setId(taskId(execution, row))
        .setInputUri(inputUri)
        .setClosure(closure)
        .build();
  }

  private static void addMoments(TaskExecutionClosure.Builder closure, TaskExecutionRow row) {
    var startedAt = row.moments().startedAt();
    if (startedAt != null) {
      closure.setStartedAt(Identifiers.timestamp(startedAt));
    }
    var duration = ExecutionMessages.duration(row.moments());
    if (duration != null) {
      closure.setDuration(duration);
    }
  }

  private static void addReasons(TaskExecutionClosure.Builder closure, TaskExecutionRow row) {
    for (var reason : AttemptDetails.all(row.reasons(), row.details(), row.moments().updatedAt())) {
      closure
          .setReason(reason.getReason())
          .addReasons(
              Reason.newBuilder()
                  .setMessage(reason.getReason())
                  .setOccurredAt(reason.getOccurredAt()));
    }
  }

  /** The logs that clients see in a phase: some only after the start, some only before the end. */
  private static List<TaskLog> shown(List<TaskLog> logs, int phase) {
    return switch (phase) {
      case Phase.SUCCEEDED_VALUE, Phase.FAILED_VALUE, Phase.ABORTED_VALUE ->
          logs.stream().filter(log -> !log.getHideOnceFinished()).toList();
      case Phase.QUEUED_VALUE, Phase.INITIALIZING_VALUE ->
          logs.stream().filter(TaskLog::getShowWhilePending).toList();
      default -> logs;
    };
  }

  private static void addResult(
      TaskExecutionClosure.Builder closure, TaskExecutionRow row, @Nullable Values outputs) {
    var error = row.error();
    if (error != null) {
      closure.setError(ExecutionMessages.error(error, false));
      return;
    }
    switch (outputs) {
      case null -> {}
      case Values.Inline(var literals) -> closure.setOutputData(literals.map());
      case Values.Stored(var reference) -> closure.setOutputUri(reference.uri());
    }
  }
}
