package io.turboprop.execution;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.admin.executions.ExecutionLauncher;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Naming;
import io.turboprop.data.Values;
import io.turboprop.node.ChildExecutions;
import io.turboprop.store.ChildTables;
import io.turboprop.store.ChildTables.ChildRow;
import io.turboprop.store.NewExecution;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Child executions as rows: launched and ended by the door's rules, looked at in their table. */
public final class StoredChildren implements ChildExecutions {
  private final ChildTables tables;
  private final ExecutionLauncher launcher;
  private final Executor blocking;

  public StoredChildren(ChildTables tables, ExecutionLauncher launcher, Executor blocking) {
    this.tables = tables;
    this.launcher = launcher;
    this.blocking = blocking;
  }

  @Override
  public CompletionStage<ChildStatus> start(ChildOrder order) {
    return CompletableFuture.supplyAsync(() -> launch(order), blocking);
  }

  @Override
  public CompletionStage<ChildStatus> look(ExecutionId child) {
    return CompletableFuture.supplyAsync(
        () -> tables.find(child).map(StoredChildren::standing).orElseGet(ChildStatus.Missing::new),
        blocking);
  }

  @Override
  public CompletionStage<Void> abort(ExecutionId child, String cause) {
    return CompletableFuture.runAsync(() -> launcher.abort(child, cause), blocking);
  }

  /** An order that was carried out before; empty when it was not. */
  private Optional<ChildStatus> started(ChildOrder order) {
    return tables
        .find(order.id())
        .map(row ->
            isOf(row, order)
                ? standing(row)
                : new ChildStatus.Refused("the name is taken by an execution of somebody else"));
  }

  private static boolean isOf(ChildRow row, ChildOrder order) {
    return Long.valueOf(order.parent().number()).equals(row.parent())
        && waiting(order).equals(row.waiting());
  }

  /**
   * What is refused now may all the same have been started before; a limit may be reached by it.
   */
  private ChildStatus launch(ChildOrder order) {
    try {
      return launcher.launchChild(request(order), parent(order))
          ? new ChildStatus.Running()
          : started(order)
              .orElseThrow(() -> new IllegalStateException(order.id() + " came and went"));
    } catch (AdminException refusal) {
      if (refusal.mayPass()) {
        throw refusal;
      }
      return started(order).orElseGet(() -> new ChildStatus.Refused(refusal.getMessage()));
    }
  }

  private static ExecutionCreateRequest request(ChildOrder order) {
    return ExecutionCreateRequest.newBuilder()
        .setProject(order.id().project())
        .setDomain(order.id().domain())
        .setName(order.id().name())
        .setSpec(order.spec())
        .setInputs(order.inputs().map())
        .build();
  }

  private static NewExecution.Parent parent(ChildOrder order) {
    return new NewExecution.Parent(
        order.parent().number(), Naming.uniqueNodeId(order.node()), waiting(order));
  }

  private static NewExecution.Waiting waiting(ChildOrder order) {
    return new NewExecution.Waiting(order.node(), order.attempt());
  }

  /** A phase that is no other end is a failure, so that no parent waits for ever. */
  private static ChildStatus standing(ChildRow row) {
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
