package io.turboprop.flyteadmin;

import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.Values;
import io.turboprop.node.ChildExecutions;
import io.turboprop.store.FlyteAdminChildTables;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The child executions of launch plan nodes as FlyteAdmin creates and ends them. Unlike
 * FlytePropeller, which fails the node, the node waits when FlyteAdmin can't be reached, or asks
 * for patience; and a child that has timed out has failed.
 */
public final class AdminChildren implements ChildExecutions {
  /** The label by which FlytePropellers share the resources; each resource has its own. */
  private static final String SHARD_KEY = "shard-key";

  private final AdminServiceBlockingStub admin;
  private final Duration timeout;
  private final FlyteAdminChildTables tables;
  private final Duration pause;
  private final Executor blocking;

  /**
   * @param pause after which a child that was created is first asked about
   */
  public AdminChildren(
      Channel channel,
      Duration timeout,
      FlyteAdminChildTables tables,
      Duration pause,
      Executor blocking) {
    this.admin = AdminServiceGrpc.newBlockingStub(channel);
    this.timeout = timeout;
    this.tables = tables;
    this.pause = pause;
    this.blocking = blocking;
  }

  private AdminServiceBlockingStub admin() {
    return admin.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public CompletionStage<ChildStatus> start(NewChild child) {
    return CompletableFuture.supplyAsync(() -> create(child), blocking);
  }

  private ChildStatus create(NewChild child) {
    tables.watch(
        child.id(),
        child.parent().number(),
        Naming.uniqueNodeId(child.node()),
        child.node(),
        child.attempt(),
        pause);
    try {
      var _ = admin().createExecution(request(child));
      return new ChildStatus.Running();
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case ALREADY_EXISTS -> created(child);
        case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, OUT_OF_RANGE, PERMISSION_DENIED ->
            new ChildStatus.Refused(String.valueOf(e.getStatus().getDescription()));
        case OK,
            CANCELLED,
            UNKNOWN,
            DEADLINE_EXCEEDED,
            RESOURCE_EXHAUSTED,
            ABORTED,
            UNIMPLEMENTED,
            INTERNAL,
            UNAVAILABLE,
            DATA_LOSS,
            UNAUTHENTICATED ->
            throw unavailable("FlyteAdmin can't create %s now".formatted(child.id()), e);
      };
    }
  }

  /**
   * The status of an execution of the child's name, which is another one if it has no such parent.
   */
  private ChildStatus created(NewChild child) {
    var execution = find(child.id());
    var parent = child.spec().getMetadata().getParentNodeExecution();
    return execution
        .filter(found -> !found.getSpec().getMetadata().getParentNodeExecution().equals(parent))
        .<ChildStatus>map(
            _ -> new ChildStatus.Refused("another execution has the name " + child.id()))
        .orElseGet(() -> status(child.id(), execution));
  }

  private static ExecutionCreateRequest request(NewChild child) {
    return ExecutionCreateRequest.newBuilder()
        .setProject(child.id().project())
        .setDomain(child.id().domain())
        .setName(child.id().name())
        .setSpec(spec(child.spec()))
        .setInputs(child.inputs().map())
        .build();
  }

  /** A child of a recovery begins anew, since what has succeeded was taken over by its node. */
  private static ExecutionSpec spec(ExecutionSpec asked) {
    var spec = asked.toBuilder();
    spec.getLabelsBuilder().removeValues(SHARD_KEY);
    spec.getMetadataBuilder().setMode(ExecutionMode.CHILD_WORKFLOW).clearReferenceExecution();
    return spec.build();
  }

  @Override
  public CompletionStage<ChildStatus> look(ExecutionId child) {
    return CompletableFuture.supplyAsync(() -> status(child, find(child)), blocking);
  }

  /** The execution; empty if FlyteAdmin does not know it. */
  private Optional<Execution> find(ExecutionId child) {
    try {
      return Optional.of(
          admin()
              .getExecution(
                  WorkflowExecutionGetRequest.newBuilder()
                      .setId(EventMessages.executionId(child))
                      .build()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == io.grpc.Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw unavailable("FlyteAdmin does not say now how %s stands".formatted(child), e);
    }
  }

  /**
   * Whether a child has ended, or does not exist.
   *
   * @throws UncheckedIOException when FlyteAdmin can't be reached
   */
  boolean hasEnded(ExecutionId child) {
    return find(child)
        .map(execution ->
            switch (execution.getClosure().getPhase()) {
              case SUCCEEDED, FAILED, TIMED_OUT, ABORTED -> true;
              case UNDEFINED, QUEUED, RUNNING, SUCCEEDING, FAILING, ABORTING, UNRECOGNIZED -> false;
            })
        .orElse(true);
  }

  private ChildStatus status(ExecutionId id, Optional<Execution> found) {
    if (found.isEmpty()) {
      return new ChildStatus.Missing();
    }
    var closure = found.orElseThrow().getClosure();
    return switch (closure.getPhase()) {
      case SUCCEEDED -> new ChildStatus.Succeeded(outputs(id, found.orElseThrow()));
      case FAILED, TIMED_OUT ->
          new ChildStatus.Failed(
              closure.hasError()
                  ? Optional.of(EventMessages.error(closure.getError()))
                  : Optional.<ExecutionError>empty());
      case ABORTED -> new ChildStatus.Aborted(closure.getAbortMetadata().getCause());
      case UNDEFINED, QUEUED, RUNNING, SUCCEEDING, FAILING, ABORTING, UNRECOGNIZED ->
          new ChildStatus.Running();
    };
  }

  /** FlyteAdmin leaves values that are too large for its answer out, and names their file. */
  private Values outputs(ExecutionId child, Execution execution) {
    try {
      var full =
          admin()
              .getExecutionData(
                  WorkflowExecutionGetDataRequest.newBuilder()
                      .setId(EventMessages.executionId(child))
                      .build())
              .getFullOutputs();
      var file = execution.getClosure().getOutputs().getUri();
      return full.getLiteralsCount() == 0 && !file.isEmpty()
          ? new Values.Stored(new DataReference(file))
          : new Values.Inline(new Literals(full));
    } catch (StatusRuntimeException e) {
      throw unavailable("FlyteAdmin does not give the outputs of %s now".formatted(child), e);
    }
  }

  @Override
  public CompletionStage<Void> abort(ExecutionId child, String cause) {
    return CompletableFuture.runAsync(() -> terminate(child, cause), blocking);
  }

  private void terminate(ExecutionId child, String cause) {
    try {
      var _ =
          admin()
              .terminateExecution(
                  ExecutionTerminateRequest.newBuilder()
                      .setId(EventMessages.executionId(child))
                      .setCause(cause)
                      .build());
    } catch (StatusRuntimeException e) {
      switch (e.getStatus().getCode()) {
        // It does not exist, or has ended.
        case NOT_FOUND, FAILED_PRECONDITION -> {}
        default -> throw unavailable("FlyteAdmin can't end %s now".formatted(child), e);
      }
    }
  }

  private static UncheckedIOException unavailable(String what, StatusRuntimeException cause) {
    return new UncheckedIOException(new AdminUnavailableException(what, cause));
  }
}
