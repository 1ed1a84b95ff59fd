package io.turboprop.admin.executions;

import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.Event.NodeExecutionEventRequest;
import flyteidl.admin.Event.NodeExecutionEventResponse;
import flyteidl.admin.Event.TaskExecutionEventRequest;
import flyteidl.admin.Event.TaskExecutionEventResponse;
import flyteidl.admin.Event.WorkflowExecutionEventRequest;
import flyteidl.admin.Event.WorkflowExecutionEventResponse;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionList;
import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionRelaunchRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateResponse;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsResponse;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.DynamicNodeWorkflowResponse;
import flyteidl.admin.NodeExecutionOuterClass.GetDynamicNodeWorkflowRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionForTaskListRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataResponse;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionList;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataResponse;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionList;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.event.PlanNodes;
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

/** The half of AdminService that is about executions: who answers which call. */
public final class ExecutionService implements ExecutionRpcs {
  private static final Duration ABORTS_TOLD_EVERY = Duration.ofSeconds(5);

  private final ExecutionCreation creation;
  private final ExecutionAborts aborts;
  private final ExecutionArchive archive;
  private final ExecutionReads executions;
  private final ExecutionSpans spans;
  private final NodeReads nodes;
  private final TaskReads tasks;

  /**
   * What it needs of the rest of the engine.
   *
   * @param accepted told of every execution right after its acceptance
   * @param settings the engine's, for executions that say nothing else
   * @param valuesBytesMax the largest inputs, or outputs, that are read whole
   */
  public record Environment(
      Database database,
      CompiledPlans plans,
      PlanNodes planNodes,
      DataStore store,
      Layout layout,
      Workflows workflows,
      Consumer<AcceptedExecution> accepted,
      ExecutionSettings settings,
      long valuesBytesMax,
      Clock clock) {}

  private ExecutionService(
      ExecutionCreation creation,
      ExecutionAborts aborts,
      ExecutionArchive archive,
      ExecutionReads executions,
      ExecutionSpans spans,
      NodeReads nodes,
      TaskReads tasks) {
    this.creation = creation;
    this.aborts = aborts;
    this.archive = archive;
    this.executions = executions;
    this.spans = spans;
    this.nodes = nodes;
    this.tasks = tasks;
  }

  /** Builds it over the tables. */
  public static ExecutionService over(Environment environment, Definitions definitions) {
    var database = environment.database();
    var values = new StoredValues(environment.store(), environment.valuesBytesMax());
    var tables = new ExecutionTables(database);
    var requests = new ExecutionRequestTables(database);
    var nodeTables = new NodeExecutionTables(database);
    var inputs =
        new ResolvedInputs(
            nodeTables,
            environment.plans(),
            environment.planNodes(),
            values,
            environment.store(),
            environment.layout(),
            environment.valuesBytesMax());
    var executions = new ExecutionReads(tables, values, definitions.lists());
    var nodes =
        new NodeReads(
            executions,
            nodeTables,
            inputs,
            values,
            new DynamicNodes(environment.planNodes(), environment.plans(), environment.layout()),
            definitions.lists());
    return new ExecutionService(
        new ExecutionCreation(
            definitions,
            targets(database, definitions),
            new ExecutionParents(nodes),
            executions,
            new ConcurrencyLimits(new AcceptanceTables(database)),
            environment),
        new ExecutionAborts(
            executions,
            requests,
            new AbortMessages(environment.workflows(), ABORTS_TOLD_EVERY),
            environment.clock()),
        new ExecutionArchive(executions, requests, environment.clock()),
        executions,
        new ExecutionSpans(new SpanTables(database)),
        nodes,
        new TaskReads(
            nodes,
            nodeTables,
            inputs,
            values,
            new ArrayElements(new ArrayElementTables(database)),
            definitions.lists()));
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

  /** What the engine itself launches and ends. */
  public ExecutionLauncher launcher() {
    return new ExecutionLauncher(creation, aborts);
  }

  @Override
  public Execution getExecution(WorkflowExecutionGetRequest request) {
    return executions.getExecution(request);
  }

  @Override
  public ExecutionCreateResponse createExecution(ExecutionCreateRequest request) {
    return creation.createExecution(request);
  }

  @Override
  public ExecutionCreateResponse relaunchExecution(ExecutionRelaunchRequest request) {
    return creation.relaunchExecution(request);
  }

  @Override
  public ExecutionCreateResponse recoverExecution(ExecutionRecoverRequest request) {
    return creation.recoverExecution(request);
  }

  @Override
  public ExecutionUpdateResponse updateExecution(ExecutionUpdateRequest request) {
    return archive.updateExecution(request);
  }

  @Override
  public WorkflowExecutionGetDataResponse getExecutionData(
      WorkflowExecutionGetDataRequest request) {
    return executions.getExecutionData(request);
  }

  @Override
  public ExecutionList listExecutions(ResourceListRequest request) {
    return executions.listExecutions(request);
  }

  @Override
  public ExecutionTerminateResponse terminateExecution(ExecutionTerminateRequest request) {
    return aborts.terminateExecution(request);
  }

  @Override
  public NodeExecution getNodeExecution(NodeExecutionGetRequest request) {
    return nodes.getNodeExecution(request);
  }

  @Override
  public DynamicNodeWorkflowResponse getDynamicNodeWorkflow(GetDynamicNodeWorkflowRequest request) {
    return nodes.getDynamicNodeWorkflow(request);
  }

  @Override
  public NodeExecutionList listNodeExecutions(NodeExecutionListRequest request) {
    return nodes.listNodeExecutions(request);
  }

  @Override
  public NodeExecutionList listNodeExecutionsForTask(NodeExecutionForTaskListRequest request) {
    return nodes.listNodeExecutionsForTask(request);
  }

  @Override
  public NodeExecutionGetDataResponse getNodeExecutionData(NodeExecutionGetDataRequest request) {
    return nodes.getNodeExecutionData(request);
  }

  @Override
  public TaskExecution getTaskExecution(TaskExecutionGetRequest request) {
    return tasks.getTaskExecution(request);
  }

  @Override
  public TaskExecutionList listTaskExecutions(TaskExecutionListRequest request) {
    return tasks.listTaskExecutions(request);
  }

  @Override
  public TaskExecutionGetDataResponse getTaskExecutionData(TaskExecutionGetDataRequest request) {
    return tasks.getTaskExecutionData(request);
  }

  @Override
  public WorkflowExecutionGetMetricsResponse getExecutionMetrics(
      WorkflowExecutionGetMetricsRequest request) {
    return WorkflowExecutionGetMetricsResponse.newBuilder()
        .setSpan(spans.of(executions.find(request.getId()), request.getDepth()))
        .build();
  }

  @Override
  public WorkflowExecutionEventResponse createWorkflowEvent(WorkflowExecutionEventRequest request) {
    throw executedHere("CreateWorkflowEvent");
  }

  @Override
  public NodeExecutionEventResponse createNodeEvent(NodeExecutionEventRequest request) {
    throw executedHere("CreateNodeEvent");
  }

  @Override
  public TaskExecutionEventResponse createTaskEvent(TaskExecutionEventRequest request) {
    throw executedHere("CreateTaskEvent");
  }

  private static AdminException executedHere(String method) {
    return new AdminException(
        Code.UNIMPLEMENTED,
        "%s: this server executes workflows itself and takes no events of another engine"
            .formatted(method));
  }
}
