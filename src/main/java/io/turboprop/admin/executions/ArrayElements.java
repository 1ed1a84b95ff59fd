package io.turboprop.admin.executions;

import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.core.Execution.TaskExecution.Phase;
import flyteidl.core.Execution.TaskLog;
import flyteidl.event.Event.ExternalResourceInfo;
import flyteidl.event.Event.TaskExecutionMetadata;
import io.turboprop.data.Naming;
import io.turboprop.event.AttemptDetails;
import io.turboprop.store.ArrayElementTables;
import io.turboprop.store.ArrayElementTables.ElementRow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Adds the elements of a map task to its task execution, as {@code external_resources}, where
 * Flyte's clients look for them. A very large array shows only some elements, since clients refuse
 * messages of more than 4 MiB; elements that have not succeeded come first.
 */
final class ArrayElements {
  private static final String TASK_TYPE = "container_array";
  private static final String PLUGIN = "k8s-array";
  private static final int BYTES_MAX = 3 << 20;
  private static final int ROWS_MAX = 50_000;

  /** The bytes of the field tag and length around an element. */
  private static final int FRAME_BYTES = 5;

  private final ArrayElementTables tables;

  ArrayElements(ArrayElementTables tables) {
    this.tables = tables;
  }

  /**
   * @param message the task execution of the array, without its elements
   * @param execution the number of the execution's row
   * @param size the number of elements
   * @param attempt the attempt of the array, from 0
   */
  TaskExecution addedTo(TaskExecution message, long execution, int size, int attempt) {
    var id = message.getId().getNodeExecutionId();
    var name = Naming.generatedName(id.getExecutionId().getName(), id.getNodeId(), attempt);
    var rows = tables.list(execution, id.getNodeId(), attempt, ROWS_MAX);
    var unheardOf = unheardOf(message.getClosure().getPhase());
    var changed = message.toBuilder();
    changed
        .getClosureBuilder()
        .setTaskType(TASK_TYPE)
        .setMetadata(
            TaskExecutionMetadata.newBuilder()
                .setGeneratedName(name)
                .setPluginIdentifier(PLUGIN)
                .addAllExternalResources(resources(name, rows, size, unheardOf)));
    return changed.build();
  }

  private static List<ExternalResourceInfo> resources(
      String name, List<ElementRow> rows, int size, Phase unheardOf) {
    var shown = new ArrayList<ExternalResourceInfo>();
    var heardOf = new BitSet(size);
    long bytes = 0;
    for (var row : rows) {
      heardOf.set(row.index());
      if (bytes < BYTES_MAX) {
        bytes += add(shown, resource(name, row));
      }
    }
    if (rows.size() == ROWS_MAX) {
      heardOf.set(0, size);
    }
    for (int index = heardOf.nextClearBit(0);
        index < size && bytes < BYTES_MAX;
        index = heardOf.nextClearBit(index + 1)) {
      bytes += add(shown, resource(name, index, 0).setPhase(unheardOf).build());
    }
    shown.sort(Comparator.comparingInt(ExternalResourceInfo::getIndex));
    return shown;
  }

  private static int add(List<ExternalResourceInfo> shown, ExternalResourceInfo resource) {
    shown.add(resource);
    return resource.getSerializedSize() + FRAME_BYTES;
  }

  private static ExternalResourceInfo resource(String name, ElementRow row) {
    var details = AttemptDetails.parse(row.details());
    var resource =
        resource(name, row.index(), row.retry())
            .setPhaseValue(row.phase())
            .setCacheStatusValue(row.cacheStatus());
    for (var log : details.getLogsList()) {
      resource.addLogs(numbered(log, row.index()));
    }
    if (details.hasCustomInfo()) {
      resource.setCustomInfo(details.getCustomInfo());
    }
    return resource.build();
  }

  private static TaskLog numbered(TaskLog log, int index) {
    return log.toBuilder().setName(log.getName() + "-" + index).build();
  }

  private static ExternalResourceInfo.Builder resource(String name, int index, int retry) {
    return ExternalResourceInfo.newBuilder()
        .setExternalId(Naming.elementName(name, index, retry))
        .setIndex(index)
        .setRetryAttempt(retry);
  }

  /** An element without events is waiting for its start, or was never started. */
  private static Phase unheardOf(Phase array) {
    return switch (array) {
      case SUCCEEDED, FAILED, ABORTED -> Phase.UNDEFINED;
      case UNDEFINED,
          QUEUED,
          RUNNING,
          INITIALIZING,
          WAITING_FOR_RESOURCES,
          RETRYABLE_FAILED,
          UNRECOGNIZED ->
          Phase.QUEUED;
    };
  }
}
