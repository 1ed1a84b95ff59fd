package io.turboprop.execution;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Naming;
import io.turboprop.data.Values;
import io.turboprop.execution.ChildLauncher.Launch;
import io.turboprop.node.ChildExecutions;
import io.turboprop.store.ChildTables;
import io.turboprop.store.ChildTables.ChildRow;
import io.turboprop.store.NewExecution;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The child executions: launched and aborted by the rules of the API, read from their table. */
public final class StoredChildren implements ChildExecutions {
  private final ChildTables tables;
  private final ChildLauncher launcher;
  private final Executor blocking;

  public StoredChildren(ChildTables tables, ChildLauncher launcher, Executor blocking) {
    this.tables = tables;
    this.launcher = launcher;
    this.blocking = blocking;
  }

  @Override
  public CompletionStage<ChildStatus> start(NewChild child) {
    return CompletableFuture.supplyAsync(() -> launch(child), blocking);
  }

  @Override
  public CompletionStage<ChildStatus> look(ExecutionId id) {
    return CompletableFuture.supplyAsync(
        () -> tables.find(id).map(StoredChildren::status).orElseGet(ChildStatus.Missing::new),
        blocking);
  }

  @Override
  public CompletionStage<Void> abort(ExecutionId child, String cause) {
    return CompletableFuture.runAsync(() -> launcher.abort(child, cause), blocking);
  }

  /** The status of a child that was started before; empty when it was not. */
  private Optional<ChildStatus> started(NewChild child) {
    return tables
        .find(child.id())
        .map(row ->
            isOf(row, child)
                ? status(row)
                : new ChildStatus.Refused("another execution has the name " + child.id()));
  }

  private static boolean isOf(ChildRow row, NewChild child) {
    return Long.valueOf(child.parent().number()).equals(row.parent())
        && waiting(child).equals(row.waiting());
  }

  /**
   * Launches a child. A refused request may have succeeded earlier: the child itself may count
   * towards the limit that is reached, or its launch plan was archived after the start.
   */
  private ChildStatus launch(NewChild child) {
    return switch (launcher.launch(request(child), parent(child))) {
      case Launch.Accepted _ -> new ChildStatus.Running();
      case Launch.NameTaken _ ->
          started(child)
              .orElseThrow(() ->
                  new IllegalStateException(child.id() + " was deleted while it was started"));
      case Launch.Refused(var message) ->
          started(child).orElseGet(() -> new ChildStatus.Refused(message));
    };
  }

  private static ExecutionCreateRequest request(NewChild child) {
    return ExecutionCreateRequest.newBuilder()
        .setProject(child.id().project())
        .setDomain(child.id().domain())
        .setName(child.id().name())
        .setSpec(child.spec())
        .setInputs(child.inputs().map())
        .build();
  }

  private static NewExecution.Parent parent(NewChild child) {
    return new NewExecution.Parent(
        child.parent().number(), Naming.uniqueNodeId(child.node()), waiting(child));
  }

  private static NewExecution.Waiting waiting(NewChild child) {
    return new NewExecution.Waiting(child.node(), child.attempt());
  }

  /** Any other final phase counts as a failure, so that no parent waits for ever. */
  private static ChildStatus status(ChildRow row) {
    if (!row.ended()) {
      return new ChildStatus.Running();
    }
    return switch (row.phase()) {
      case WorkflowExecution.Phase.SUCCEEDED_VALUE ->
          new ChildStatus.Succeeded(Optional.ofNullable(row.outputs()).orElse(Values.NONE));
      case WorkflowExecution.Phase.ABORTED_VALUE ->
          new ChildStatus.Aborted(Optional.ofNullable(row.abortCause()).orElse(""));
      default -> new ChildStatus.Failed(Optional.ofNullable(row.error()));
    };
  }
}
