package io.turboprop.admin.executions;

import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionList;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.Lists;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.execution.ValuesReader;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import java.util.Optional;

/** The read calls of {@code AdminService} for executions. */
final class ExecutionReads {
  private final ExecutionTables tables;
  private final ValuesReader values;
  private final Lists lists;

  ExecutionReads(ExecutionTables tables, ValuesReader values, Lists lists) {
    this.lists = lists;
    this.tables = tables;
    this.values = values;
  }

  /**
   * The execution with this identifier.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for an empty part, {@code NOT_FOUND}
   */
  public ExecutionRow find(WorkflowExecutionIdentifier id) {
    return known(id)
        .orElseThrow(() ->
            AdminException.notFound(
                "missing entity of type execution with identifier project:\"%s\" domain:\"%s\" name:\"%s\""
                    .formatted(id.getProject(), id.getDomain(), id.getName())));
  }

  /**
   * The same, but empty if the execution does not exist.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for an empty part
   */
  public Optional<ExecutionRow> known(WorkflowExecutionIdentifier id) {
    return known(id(id));
  }

  /**
   * The identifier that a request names.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for an empty part
   */
  static ExecutionId id(WorkflowExecutionIdentifier id) {
    return new ExecutionId(
        Identifiers.required(id.getProject(), "project"),
        Identifiers.required(id.getDomain(), "domain"),
        Identifiers.required(id.getName(), "name"));
  }

  /** The execution of this name, if it exists. */
  public Optional<ExecutionRow> known(ExecutionId id) {
    return tables.find(id);
  }

  public Execution getExecution(WorkflowExecutionGetRequest request) {
    return ExecutionMessages.execution(find(request.getId()), false);
  }

  public WorkflowExecutionGetDataResponse getExecutionData(
      WorkflowExecutionGetDataRequest request) {
    var row = find(request.getId());
    return WorkflowExecutionGetDataResponse.newBuilder()
        .setInputs(ExecutionMessages.noBlob())
        .setOutputs(ExecutionMessages.noBlob())
        .setFullInputs(values.read(row.accepted().inputs()))
        .setFullOutputs(values.read(row.outputs()))
        .build();
  }

  public ExecutionList listExecutions(ResourceListRequest request) {
    var id = request.getId();
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var page =
        tables.list(
            Identifiers.required(id.getProject(), "project"),
            Identifiers.required(id.getDomain(), "domain"),
            query);
    var answer = ExecutionList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addExecutions(ExecutionMessages.execution(row, true)));
    return answer.build();
  }
}
