package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsResponse;
import flyteidl.service.AdminServiceGrpc;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.data.BlobStorage;
import io.turboprop.execution.ChildLauncher;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.NodeInputs;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.execution.ValuesReader;
import io.turboprop.kubernetes.ResourceExecutions;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.ArrayElementTables;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionRequestTables;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.NamedEntityTables;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.SpanTables;
import io.turboprop.store.TaskTables;
import io.turboprop.store.WorkflowTables;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Workflows;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/** The part of AdminService for executions. */
public final class ExecutionService {
  private static final Duration ABORTS_REPEATED_EVERY = Duration.ofSeconds(5);

  private final ExecutionCreation creation;
  private final ExecutionAborts aborts;
  private final ExecutionArchive archive;
  private final ExecutionReads executions;
  private final ExecutionSpans spans;
  private final NodeReads nodes;
  private final TaskReads tasks;

  /**
   * The components that the service needs.
   *
   * @param accepted called with every execution right after its acceptance
   * @param queue the queue of executions whose project has too many executions under way
   * @param settings the engine's defaults for executions
   */
  public record Environment(
      Database database,
      ExecutionPlans plans,
      BlobStorage storage,
      Workflows workflows,
      Consumer<AcceptedExecution> accepted,
      ProjectQueue queue,
      ExecutionSettings settings,
      Clock clock) {}

  public ExecutionService(Environment environment, Definitions definitions) {
    var database = environment.database();
    var values = new ValuesReader(environment.storage());
    var tables = new ExecutionTables(database);
    var requests = new ExecutionRequestTables(database);
    var nodeTables = new NodeExecutionTables(database);
    this.executions = new ExecutionReads(tables, values, definitions.lists());
    this.nodes =
        new NodeReads(
            executions,
            nodeTables,
            environment.plans(),
            environment.storage(),
            definitions.lists());
    this.tasks =
        new TaskReads(
            nodes,
            nodeTables,
            new NodeInputs(nodeTables, environment.plans(), environment.storage()),
            values,
            new ArrayElements(new ArrayElementTables(database)),
            definitions.lists());
    this.creation =
        new ExecutionCreation(
            definitions,
            targets(database, definitions),
            new ExecutionParents(nodes),
            executions,
            new ConcurrencyLimits(new AcceptanceTables(database)),
            environment);
    this.aborts =
        new ExecutionAborts(
            executions,
            requests,
            new AbortMessages(environment.workflows(), ABORTS_REPEATED_EVERY),
            environment.clock());
    this.archive = new ExecutionArchive(executions, requests, environment.clock());
    this.spans = new ExecutionSpans(new SpanTables(database));
  }

  private static LaunchTargets targets(Database database, Definitions definitions) {
    return new LaunchTargets(
        new LaunchPlanTables(database),
        new WorkflowTables(database),
        new SingleTasks(
            new TaskTables(database),
            definitions.workflows(),
            definitions.launchPlans(),
            new NamedEntityTables(database)));
  }

  /** Launches and aborts child executions. */
  public ChildLauncher launcher() {
    return new ExecutionLauncher(creation, aborts);
  }

  /** Begins and ends the executions of FlyteWorkflow resources. */
  public ResourceExecutions resources() {
    return new ResourceLauncher(creation, aborts);
  }

  /** The read calls for nodes. */
  public NodeReads nodes() {
    return nodes;
  }

  /** The read calls for task executions. */
  public TaskReads tasks() {
    return tasks;
  }

  ExecutionCreation creation() {
    return creation;
  }

  ExecutionAborts aborts() {
    return aborts;
  }

  ExecutionArchive archive() {
    return archive;
  }

  ExecutionReads executions() {
    return executions;
  }

  /** Binds the methods for executions. */
  public void bindTo(RpcTable table) {
    table
        .on(AdminServiceGrpc.getGetExecutionMethod(), executions::getExecution)
        .on(AdminServiceGrpc.getGetExecutionDataMethod(), executions::getExecutionData)
        .on(AdminServiceGrpc.getListExecutionsMethod(), executions::listExecutions)
        .on(AdminServiceGrpc.getGetExecutionMetricsMethod(), this::getExecutionMetrics)
        .on(AdminServiceGrpc.getCreateExecutionMethod(), creation::createExecution)
        .on(AdminServiceGrpc.getRelaunchExecutionMethod(), creation::relaunchExecution)
        .on(AdminServiceGrpc.getRecoverExecutionMethod(), creation::recoverExecution)
        .on(AdminServiceGrpc.getUpdateExecutionMethod(), archive::updateExecution)
        .on(AdminServiceGrpc.getTerminateExecutionMethod(), aborts::terminateExecution);
    bindNodes(table);
    bindEvents(table);
  }

  private void bindNodes(RpcTable table) {
    table
        .on(AdminServiceGrpc.getGetNodeExecutionMethod(), nodes::getNodeExecution)
        .on(AdminServiceGrpc.getGetNodeExecutionDataMethod(), nodes::getNodeExecutionData)
        .on(AdminServiceGrpc.getGetDynamicNodeWorkflowMethod(), nodes::getDynamicNodeWorkflow)
        .on(AdminServiceGrpc.getListNodeExecutionsMethod(), nodes::listNodeExecutions)
        .on(AdminServiceGrpc.getListNodeExecutionsForTaskMethod(), nodes::listNodeExecutionsForTask)
        .on(AdminServiceGrpc.getGetTaskExecutionMethod(), tasks::getTaskExecution)
        .on(AdminServiceGrpc.getListTaskExecutionsMethod(), tasks::listTaskExecutions)
        .on(AdminServiceGrpc.getGetTaskExecutionDataMethod(), tasks::getTaskExecutionData);
  }

  private static void bindEvents(RpcTable table) {
    table
        .on(AdminServiceGrpc.getCreateWorkflowEventMethod(), executedHere("CreateWorkflowEvent"))
        .on(AdminServiceGrpc.getCreateNodeEventMethod(), executedHere("CreateNodeEvent"))
        .on(AdminServiceGrpc.getCreateTaskEventMethod(), executedHere("CreateTaskEvent"));
  }

  private static <Q, A> Function<Q, A> executedHere(String method) {
    return _ -> {
      throw new AdminException(
          Code.UNIMPLEMENTED,
          "%s: this server executes workflows itself and takes no events of another engine"
              .formatted(method));
    };
  }

  private WorkflowExecutionGetMetricsResponse getExecutionMetrics(
      WorkflowExecutionGetMetricsRequest request) {
    return WorkflowExecutionGetMetricsResponse.newBuilder()
        .setSpan(spans.of(executions.find(request.getId()), request.getDepth()))
        .build();
  }
}
