package io.turboprop.admin.executions;

import flyteidl.admin.Common.FlyteURLs;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataResponse;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionList;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.Lists;
import io.turboprop.admin.executions.NodeReads.Found;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.Values;
import io.turboprop.execution.NodeInputs;
import io.turboprop.execution.ValuesReader;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.TaskExecutionRow;
import org.jspecify.annotations.Nullable;

/** The read calls of {@code AdminService} for task executions. */
public final class TaskReads {
  private final NodeReads nodeReads;
  private final NodeExecutionTables nodes;
  private final NodeInputs inputs;
  private final ValuesReader values;
  private final ArrayElements elements;
  private final Lists lists;

  TaskReads(
      NodeReads nodeReads,
      NodeExecutionTables nodes,
      NodeInputs inputs,
      ValuesReader values,
      ArrayElements elements,
      Lists lists) {
    this.lists = lists;
    this.nodeReads = nodeReads;
    this.nodes = nodes;
    this.inputs = inputs;
    this.values = values;
    this.elements = elements;
  }

  public TaskExecution getTaskExecution(TaskExecutionGetRequest request) {
    var found = nodeReads.find(request.getId().getNodeExecutionId());
    return message(found, find(found, request.getId()));
  }

  /** As in FlyteAdmin, an unknown node has no task executions. */
  public TaskExecutionList listTaskExecutions(TaskExecutionListRequest request) {
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var known = nodeReads.known(request.getNodeExecutionId());
    if (known.isEmpty()) {
      return TaskExecutionList.getDefaultInstance();
    }
    var found = known.orElseThrow();
    var page = nodes.listTasks(found.execution().accepted().number(), found.node().nodeId(), query);
    var answer = TaskExecutionList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addTaskExecutions(message(found, row)));
    return answer.build();
  }

  public TaskExecutionGetDataResponse getTaskExecutionData(TaskExecutionGetDataRequest request) {
    var found = nodeReads.find(request.getId().getNodeExecutionId());
    var row = find(found, request.getId());
    var address =
        "flyte://v1/%s/%s/%s/%s/%d"
            .formatted(
                found.id().project(),
                found.id().domain(),
                found.id().name(),
                row.nodeId(),
                row.attempt());
    return TaskExecutionGetDataResponse.newBuilder()
        .setInputs(ExecutionMessages.noBlob())
        .setOutputs(ExecutionMessages.noBlob())
        .setFullInputs(inputs.read(found.execution(), found.node()))
        .setFullOutputs(values.read(outputs(found, row)))
        .setFlyteUrls(FlyteURLs.newBuilder().setInputs(address + "/i").setOutputs(address + "/o"))
        .build();
  }

  private TaskExecutionRow find(Found found, TaskExecutionIdentifier id) {
    var task = Identifiers.read(id.getTaskId(), Kind.TASK);
    return nodes
        .task(found.execution().accepted().number(), found.node().nodeId(), id.getRetryAttempt())
        .filter(row -> row.task().equals(task))
        .orElseThrow(() ->
            AdminException.notFound(
                "missing entity of type task execution with identifier %s:%s:%d"
                    .formatted(found.id(), found.node().nodeId(), id.getRetryAttempt())));
  }

  private TaskExecution message(Found found, TaskExecutionRow row) {
    var message =
        NodeMessages.task(
            found.id(),
            row,
            inputs.file(found.execution(), found.node()).uri(),
            outputs(found, row));
    return row.elements() instanceof Integer size
        ? elements.addedTo(
            message, found.execution().accepted().number(), size, found.node().attempt())
        : message;
  }

  /** The outputs of a node belong to its last attempt; an array has a single task execution. */
  private static @Nullable Values outputs(Found found, TaskExecutionRow row) {
    return row.elements() != null || row.attempt() == found.node().attempt()
        ? found.node().outputs()
        : null;
  }
}
