package io.turboprop.admin.executions;

import static io.turboprop.admin.definitions.TestingDefinitions.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionRelaunchRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionState;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionUpdateRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetDataRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetRequest;
import flyteidl.admin.LaunchPlanOuterClass.ConcurrencyLimitBehavior;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.definitions.TestingDefinitions;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.data.Outage;
import io.turboprop.data.Values;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.RowChanges;
import io.turboprop.execution.ChildLauncher.Launch;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ChildTables;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.NewExecution;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.PlanTables;
import io.turboprop.store.ProgressTables;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.store.QueueTables;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.store.TestingDatabase;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.WorkflowEvent;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("integration")
class ExecutionServiceTest {
  private static final Identifier LAUNCH_PLAN = id(ResourceType.LAUNCH_PLAN, "flow", "v1");

  private final Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Database database = TestingDatabase.create();
  private final TestingWorkflows workflows = new TestingWorkflows();
  private final CompiledPlans plans = new CompiledPlans(new PlanTables(database)::find, 1_000_000);
  private Definitions definitions;
  private ExecutionService service;

  @BeforeEach
  void register() {
    var config = ConfigFactory.parseResources("reference.conf").getConfig("turboprop.admin");
    definitions = Definitions.over(database, AdminSettings.from(config.resolve()), 25);
    definitions.tasks().createTask(TestingDefinitions.task("double", "v1"));
    definitions.workflows().createWorkflow(TestingDefinitions.workflow("flow", "v1"));
    definitions.launchPlans().createLaunchPlan(TestingDefinitions.launchPlan("flow", "v1", "flow"));
    service = service(ProjectQueue.Limits.NONE);
  }

  private ExecutionService service(ProjectQueue.Limits limits) {
    return new ExecutionService(
        new ExecutionService.Environment(
            database,
            new ExecutionPlans(plans, PlanNodes.WITHOUT_DYNAMIC),
            new BlobStorage(new MemoryDataStore(), 2 << 20),
            workflows,
            _ -> {},
            new ProjectQueue(new QueueTables(database), limits),
            ExecutionSettings.DEFAULT,
            Clock.systemUTC()),
        definitions);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void anExecutionIsAcceptedThenStarted() {
    var id = create("", 3);
    assertThat(id.getName()).matches("a[bcdfghjklmnpqrstvwxz2456789]{19}");
    assertThat(workflows.started).extracting(ExecutionId::name).containsExactly(id.getName());
    var execution = get(id);
    assertThat(execution.getClosure().getPhase()).isEqualTo(Phase.UNDEFINED);
    assertThat(execution.getClosure().getWorkflowId().getName()).isEqualTo("flow");
    assertThat(execution.getSpec().getLaunchPlan()).isEqualTo(LAUNCH_PLAN);
    assertThat(execution.getSpec().getMaxParallelism()).isEqualTo(25);
    assertThat(execution.getSpec().getMetadata().getPrincipal()).isEmpty();
    assertThat(execution.getSpec().getSecurityContext().hasRunAs()).isTrue();
  }

  @Test
  void nothingIsAnErrorOnceAnExecutionIsAccepted() {
    workflows.broken = true;
    assertThat(get(create("kept", 3)).getId().getName()).isEqualTo("kept");
  }

  @Test
  void aNameCanBeTakenOnce() {
    create("once", 3);
    refused(Code.ALREADY_EXISTS, request("once", inputs(3)));
    assertThat(workflows.started).hasSize(1);
  }

  @Test
  void invalidRequestsAreRefusedAndNothingStarts() {
    refused(Code.INVALID_ARGUMENT, request("Upper", inputs(3)));
    refused(Code.INVALID_ARGUMENT, request("1st", inputs(3)));
    refused(Code.INVALID_ARGUMENT, request("none", LiteralMap.getDefaultInstance()));
    refused(
        Code.INVALID_ARGUMENT,
        request("other", LiteralMap.newBuilder().putLiterals("y", integer(1)).build()));
    refused(
        Code.INVALID_ARGUMENT,
        request("type", LiteralMap.newBuilder().putLiterals("x", text()).build()));
    refused(
        Code.INVALID_ARGUMENT, request("p", inputs(3)).toBuilder().setProject("nowhere").build());
    refused(Code.INVALID_ARGUMENT, request("s", inputs(3)).toBuilder().clearSpec().build());
    var negative = request("negative", inputs(3)).toBuilder();
    negative.getSpecBuilder().setMaxParallelism(-1);
    refused(Code.INVALID_ARGUMENT, negative.build());
    var misspelt = request("misspelt", inputs(3)).toBuilder();
    misspelt.getSpecBuilder().getAnnotationsBuilder().putValues("turboprop.io/recompute", "x");
    refused(Code.INVALID_ARGUMENT, misspelt.build());
    refused(Code.NOT_FOUND, launching(id(ResourceType.LAUNCH_PLAN, "flow", "v9")));
    refused(Code.INVALID_ARGUMENT, launching(id(ResourceType.WORKFLOW, "flow", "v1")));
    assertThat(workflows.started).isEmpty();
  }

  @Test
  void aTaskAloneGetsAWorkflowAroundIt() {
    var task = id(ResourceType.TASK, "double", "v1");
    var first = service.creation().createExecution(launching(task)).getId();
    var execution = get(first);
    assertThat(execution.getClosure().getWorkflowId().getName()).isEqualTo(".flytegen.double");
    assertThat(execution.getSpec().getLaunchPlan()).isEqualTo(task);
    assertThat(service.creation().createExecution(launching(task)).getId()).isNotEqualTo(first);
  }

  @Test
  void aRelaunchTakesOverTheUsersInputs() {
    var source = create("source", 7);
    var relaunch = ExecutionRelaunchRequest.newBuilder().setId(source).setName("again").build();
    var id = service.creation().relaunchExecution(relaunch).getId();
    var metadata = get(id).getSpec().getMetadata();
    assertThat(metadata.getMode()).isEqualTo(ExecutionMode.RELAUNCH);
    assertThat(metadata.getReferenceExecution()).isEqualTo(source);
    assertThat(data(id)).isEqualTo(inputs(7));
  }

  /** So the retention keeps the results that the execution reuses. */
  @Test
  void anExecutionThatReusesResultsRecordsTheExecutionThatHasThem() {
    create("earlier", 7);
    var request = request("changed", inputs(7)).toBuilder();
    request
        .getSpecBuilder()
        .getAnnotationsBuilder()
        .putValues("turboprop.io/recompute-from", "earlier");

    service.creation().createExecution(request.build());

    assertThat(
            database
                .sql()
                .fetchSingle(
                    "select source.name from execution join execution as source"
                        + " on source.number = execution.source_number"
                        + " where execution.name = 'changed'")
                .get(0, String.class))
        .isEqualTo("earlier");
  }

  @Test
  void aTerminateIsRecordedNotifiedAndMayBeRepeated() {
    var id = create("stopped", 3);
    terminate(id, "why");
    terminate(id, "why not");
    var closure = get(id).getClosure();
    assertThat(closure.getPhase()).isEqualTo(Phase.ABORTING);
    assertThat(closure.getAbortMetadata().getCause()).isEqualTo("why not");
    assertThat(workflows.aborted).containsExactly("why", "why not");
  }

  @Test
  void anExecutionBeyondTheLimitOfItsProjectIsQueued() {
    service = service(new ProjectQueue.Limits(0, Map.of("flytesnacks", 1), 2));
    create("first", 1);
    var second = create("second", 1);
    var third = create("third", 1);
    assertThat(workflows.started).extracting(ExecutionId::name).containsExactly("first");
    var closure = get(second).getClosure();
    assertThat(closure.getPhase()).isEqualTo(Phase.QUEUED);
    assertThat(closure.getError().getMessage())
        .contains("turboprop.workflow.executions-max-of-projects");
    refused(Code.RESOURCE_EXHAUSTED, request("fourth", inputs(1)));
    terminate(second, "not needed");
    assertThat(get(second).getClosure().getPhase()).isEqualTo(Phase.ABORTING);
    assertThat(new ExecutionTables(database).find(executionOf(second)).orElseThrow().queued())
        .as("it begins, and sees the request")
        .isFalse();
    assertThat(get(third).getClosure().getPhase()).isEqualTo(Phase.QUEUED);
  }

  @Test
  void anExecutionThatANodeStartsNeitherWaitsNorCounts() {
    service = service(new ProjectQueue.Limits(1, Map.of(), 2));
    create("parent", 1);
    var parent =
        new ExecutionTables(database).find(executionOf(executionId("parent"))).orElseThrow();
    assertThat(
            service
                .creation()
                .createChild(
                    request("child", inputs(1)),
                    new NewExecution.Parent(parent.accepted().number(), "n0", null)))
        .isTrue();
    assertThat(workflows.started).extracting(ExecutionId::name).containsExactly("parent", "child");
  }

  private static ExecutionId executionOf(WorkflowExecutionIdentifier id) {
    return new ExecutionId(id.getProject(), id.getDomain(), id.getName());
  }

  @Test
  void anEndedExecutionCannotBeTerminated() throws Exception {
    var id = create("ended", 3);
    run(id);
    assertThatThrownBy(() -> terminate(id, "late"))
        .isInstanceOfSatisfying(
            AdminException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Code.FAILED_PRECONDITION);
              assertThat(e.details()).hasSize(1);
            });
  }

  @Test
  void aRunIsShownWithItsNodesAttemptsAndValues() throws Exception {
    var id = create("shown", 3);
    run(id);
    assertThat(get(id).getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(get(id).getClosure().getOutputData()).isEqualTo(outputs());
    var nodes =
        service
            .nodes()
            .listNodeExecutions(
                NodeExecutionListRequest.newBuilder()
                    .setWorkflowExecutionId(id)
                    .setLimit(100)
                    .build())
            .getNodeExecutionsList();
    assertThat(nodes)
        .extracting(node -> node.getId().getNodeId())
        .containsExactlyInAnyOrder("start-node", "n0", "end-node");
    assertThat(nodes)
        .allMatch(node -> node.getClosure().getPhase() == NodeExecution.Phase.SUCCEEDED);
    var node = NodeExecutionIdentifier.newBuilder().setExecutionId(id).setNodeId("n0").build();
    var values =
        service
            .nodes()
            .getNodeExecutionData(NodeExecutionGetDataRequest.newBuilder().setId(node).build());
    assertThat(values.getFullInputs()).as("made from the bindings").isEqualTo(inputs(3));
    assertThat(values.getFullOutputs()).isEqualTo(outputs());
    var attempts = TaskExecutionListRequest.newBuilder().setNodeExecutionId(node).setLimit(9);
    assertThat(service.tasks().listTaskExecutions(attempts.build()).getTaskExecutionsList())
        .hasSize(1);
  }

  @Test
  void aLaunchPlanMayLimitHowManyOfItsExecutionsThereAre() throws Exception {
    var request = launching(limited(1));
    var first = service.creation().createExecution(request).getId();

    refused(Code.RESOURCE_EXHAUSTED, request);
    refused(Code.ALREADY_EXISTS, request.toBuilder().setName("second").build());
    run(first);
    assertThat(service.creation().createExecution(request).getId()).isNotEqualTo(first);
  }

  @Test
  void ofManyRequestsAtOnceNoMoreThanTheLimitPass() throws Exception {
    var request = launching(limited(3));
    var accepted = new AtomicInteger();
    var begin = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        threads.submit(() -> {
          begin.await();
          service.creation().createExecution(request);
          return accepted.incrementAndGet();
        });
      }
      begin.countDown();
    }
    assertThat(accepted).hasValue(3);
    assertThat(workflows.started).hasSize(3);
  }

  @Test
  @Timeout(120)
  void aRequestDoesNotWaitForEverForAnotherAcceptance() throws SQLException {
    var request = launching(limited(1));
    try (var other = database.dataSource().getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "select pg_advisory_xact_lock(hashtextextended('launch plan flytesnacks:development:limited', 0))");
      refused(Code.UNAVAILABLE, request);
      other.rollback();
    }
    assertThat(workflows.started).isEmpty();
    assertThat(service.creation().createExecution(request).getId().getName()).isNotEmpty();
  }

  /** A launch plan with this limit on simultaneous executions. */
  private Identifier limited(int max) {
    var limited = TestingDefinitions.launchPlan("limited", "v1", "flow").toBuilder();
    limited
        .getSpecBuilder()
        .getConcurrencyPolicyBuilder()
        .setMax(max)
        .setBehavior(ConcurrencyLimitBehavior.CONCURRENCY_LIMIT_BEHAVIOR_SKIP);
    definitions.launchPlans().createLaunchPlan(limited.build());
    return limited.getId();
  }

  @Test
  void theEngineLaunchesAndEndsExecutionsForItsNodes() {
    var parent = create("parent", 3);
    var number = new ExecutionTables(database).find(key(parent)).orElseThrow().accepted().number();
    var waiting = new NewExecution.Waiting(NodePath.root("n0"), 0);
    var node = new NewExecution.Parent(number, "n0", waiting);
    var request = request("child", inputs(4)).toBuilder();
    request.getSpecBuilder().getMetadataBuilder().setNesting(1).setPrincipal("somebody");
    request.getSpecBuilder().getAnnotationsBuilder().putValues("turboprop.io/of-the-parent", "x");
    var launcher = service.launcher();

    database.transaction(retention -> {
      retention.fetch("select pg_advisory_xact_lock(hashtextextended('name child', 0))");
      assertThatThrownBy(() -> launcher.launch(request.build(), node))
          .as("files of an old execution of this name are being deleted")
          .isInstanceOf(Outage.class);
      return true;
    });
    assertThat(launcher.launch(request.build(), node)).isEqualTo(new Launch.Accepted());
    assertThat(launcher.launch(request.build(), node)).isEqualTo(new Launch.NameTaken());
    assertThat(launcher.launch(request.clone().setName("Upper").build(), node))
        .isInstanceOf(Launch.Refused.class);
    var metadata = get(executionId("child")).getSpec().getMetadata();
    assertThat(metadata.getNesting()).isEqualTo(1);
    assertThat(metadata.getPrincipal()).isEqualTo("somebody");
    var row = new ChildTables(database).find(key(executionId("child"))).orElseThrow();
    assertThat(row.parent()).isEqualTo(number);
    assertThat(row.waiting()).isEqualTo(waiting);

    launcher.abort(key(executionId("child")), "enough");
    launcher.abort(key(executionId("nobody")), "enough");
    assertThat(workflows.aborted).containsExactly("enough");
  }

  @Test
  void executionsOfAnEagerTaskEndWithIt() {
    create("eager", 3);
    createLabelled("started", "eager");
    createLabelled("nested", "started");
    createLabelled("other", "another");

    terminate(executionId("eager"), "enough");

    assertThat(get(executionId("started")).getClosure().getPhase()).isEqualTo(Phase.ABORTING);
    assertThat(get(executionId("nested")).getClosure().getPhase()).isEqualTo(Phase.ABORTING);
    assertThat(get(executionId("other")).getClosure().getPhase()).isEqualTo(Phase.UNDEFINED);
    var cause = "cascading abort as parent execution id [%s] aborted, reason [enough]";
    assertThat(workflows.aborted)
        .containsExactly("enough", cause.formatted("eager"), cause.formatted("started"));
  }

  @Test
  void anEagerTaskThatIsBeingAbortedStartsNoExecutionAnyMore() {
    create("eager", 3);
    createLabelled("early", "eager");
    terminate(executionId("eager"), "enough");

    assertThatThrownBy(() -> createLabelled("late", "eager"))
        .isInstanceOfSatisfying(
            AdminException.class, e -> assertThat(e.code()).isEqualTo(Code.FAILED_PRECONDITION))
        .hasMessageContaining("execution eager, whose eager task starts this one");
    assertThatThrownBy(() -> get(executionId("late"))).isInstanceOf(AdminException.class);
  }

  private void createLabelled(String name, String parent) {
    var request = request(name, inputs(3)).toBuilder();
    request.getSpecBuilder().getLabelsBuilder().putValues("eager-exec", parent);
    service.creation().createExecution(request.build());
  }

  @Test
  void anUnknownExecutionHasNoNodesButIsNotFoundItself() {
    var unknown = executionId("nobody");
    var list = NodeExecutionListRequest.newBuilder().setWorkflowExecutionId(unknown).setLimit(9);
    assertThat(service.nodes().listNodeExecutions(list.build()).getNodeExecutionsCount()).isZero();
    assertThatThrownBy(() -> get(unknown))
        .isInstanceOfSatisfying(
            AdminException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void listsArePagedFilteredAndLeaveOutArchivedExecutions() {
    for (int i = 0; i < 3; i++) {
      create("list" + i, i);
    }
    service
        .archive()
        .updateExecution(
            ExecutionUpdateRequest.newBuilder()
                .setId(executionId("list1"))
                .setState(ExecutionState.EXECUTION_ARCHIVED)
                .build());
    assertThat(list("", "")).containsExactlyInAnyOrder("list0", "list2");
    assertThat(list("eq(state,1)", "")).containsExactly("list1");
    assertThat(list("eq(workflow.name,flow)+eq(execution_name,list2)", ""))
        .containsExactly("list2");
    assertThat(list("eq(launch_plan.name,other)", "")).isEmpty();
    assertThat(list("value_in(phase,FAILED;ABORTED)", "")).isEmpty();
    assertThat(list("", "1")).hasSize(1);
  }

  private WorkflowExecutionIdentifier create(String name, int x) {
    return service.creation().createExecution(request(name, inputs(x))).getId();
  }

  private static ExecutionCreateRequest request(String name, LiteralMap inputs) {
    return launching(LAUNCH_PLAN).toBuilder().setName(name).setInputs(inputs).build();
  }

  private static ExecutionCreateRequest launching(Identifier launched) {
    var request =
        ExecutionCreateRequest.newBuilder()
            .setProject("flytesnacks")
            .setDomain("development")
            .setInputs(inputs(3));
    request.getSpecBuilder().setLaunchPlan(launched).setDisableAll(false);
    request.getSpecBuilder().getMetadataBuilder().setPrincipal("placeholder");
    return request.build();
  }

  private void refused(Code code, ExecutionCreateRequest request) {
    assertThatThrownBy(() -> service.creation().createExecution(request))
        .isInstanceOfSatisfying(AdminException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private Execution get(WorkflowExecutionIdentifier id) {
    return service
        .executions()
        .getExecution(WorkflowExecutionGetRequest.newBuilder().setId(id).build());
  }

  private LiteralMap data(WorkflowExecutionIdentifier id) {
    return service
        .executions()
        .getExecutionData(WorkflowExecutionGetDataRequest.newBuilder().setId(id).build())
        .getFullInputs();
  }

  private void terminate(WorkflowExecutionIdentifier id, String cause) {
    service
        .aborts()
        .terminateExecution(
            ExecutionTerminateRequest.newBuilder().setId(id).setCause(cause).build());
  }

  private List<String> list(String filters, String token) {
    var request = ResourceListRequest.newBuilder().setLimit(10).setFilters(filters).setToken(token);
    request.getIdBuilder().setProject("flytesnacks").setDomain("development");
    return service.executions().listExecutions(request.build()).getExecutionsList().stream()
        .map(execution -> execution.getId().getName())
        .toList();
  }

  /** Writes the rows of a complete run. */
  private void run(WorkflowExecutionIdentifier id) throws Exception {
    var execution = new ExecutionTables(database).find(key(id)).orElseThrow().accepted();
    var plan = plans.get(execution.planDigest()).plan();
    var outputs = new Values.Inline(new Literals(outputs()));
    var conclusion =
        new AttemptSummary(
            Optional.of(begin), ByteString.EMPTY, AttemptSummary.Cache.DISABLED, Optional.empty());
    List<WorkflowEvent> step =
        List.of(
            new WorkflowEvent.Started(
                plan.digest(), execution.inputs(), ExecutionSettings.DEFAULT, begin),
            new WorkflowEvent.NodeSucceeded(NodePath.root("n0"), 0, outputs, conclusion, begin),
            new WorkflowEvent.NodeSucceeded(
                NodePath.root("end-node"), 0, outputs, AttemptSummary.NONE, begin),
            new WorkflowEvent.Succeeded(outputs, begin));
    var executions = new ArrayList<ExecutionChange>();
    var nodes = new ArrayList<NodeExecutionChange>();
    var tasks = new ArrayList<TaskExecutionChange>();
    for (var change : RowChanges.of(execution, plan, PlanNodes.WITHOUT_DYNAMIC, 1, step)) {
      switch (change) {
        case ExecutionChange each -> executions.add(each);
        case NodeExecutionChange each -> nodes.add(each);
        case TaskExecutionChange each -> tasks.add(each);
        case ArrayElementChange each -> throw new IllegalStateException("no array: " + each);
      }
    }
    assertThat(
            new ProgressTables(database)
                .write(new Changes(executions, nodes, tasks, List.of()))
                .refused())
        .isEmpty();
  }

  private static ExecutionId key(WorkflowExecutionIdentifier id) {
    return new ExecutionId(id.getProject(), id.getDomain(), id.getName());
  }

  private static WorkflowExecutionIdentifier executionId(String name) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject("flytesnacks")
        .setDomain("development")
        .setName(name)
        .build();
  }

  private static LiteralMap inputs(int x) {
    return LiteralMap.newBuilder().putLiterals("x", integer(x)).build();
  }

  private static LiteralMap outputs() {
    return LiteralMap.newBuilder().putLiterals("o0", integer(6)).build();
  }

  private static Literal integer(int value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setInteger(value);
    return literal.build();
  }

  private static Literal text() {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setStringValue("three");
    return literal.build();
  }
}
