package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionClosure;
import flyteidl.admin.NodeExecutionOuterClass.DynamicWorkflowNodeMetadata;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.DynamicJob.DynamicJobSpec;
import flyteidl.core.Execution.NodeExecution.Phase;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that make graphs, good and bad ones, as a client sees them. */
@Tag("integration")
class DynamicTest {
  private static final String REFUSED = "DynamicWorkflowBuildFailed";
  private static final TaskTemplate STEP = EchoWorkflows.echo("step").build();

  @TempDir private static Path folder;

  private static EngineProcess engine;
  private static EngineClient client;
  private static EchoWorkflows workflows;

  @BeforeAll
  static void start() throws IOException {
    engine = new EngineProcess(folder).start();
    client = new EngineClient(engine);
    workflows = new EchoWorkflows(client);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    client.close();
    engine.close();
  }

  @Test
  void theGraphThatATaskMakesIsRunAndItsOutputsAreThoseOfTheTask() {
    run("made", workflows.dynamic("made", Map.of("nodes", 5, "chain", true)));

    assertThat(client.outputs("made")).isEqualTo(EchoWorkflows.inputs(42));
    var node = node("made", "n0");
    assertThat(node.getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(node.getClosure().getOutputData()).isEqualTo(EchoWorkflows.inputs(42));
    assertThat(node.getClosure().getDynamicJobSpecUri()).endsWith("/n0/data/0/futures.pb");
    assertThat(node.getMetadata().getIsDynamic()).isTrue();
    assertThat(node.getMetadata().getIsParentNode()).isTrue();
    assertThat(children("made", "n0"))
        .hasSize(7)
        .allMatch(child -> child.getClosure().getPhase() == Phase.SUCCEEDED)
        .extracting(child -> child.getId().getNodeId())
        .contains("n0-0-n0", "n0-0-n4", "n0-0-start-node", "n0-0-end-node");
    assertThat(tasks("made", "n0-0-n4"))
        .extracting(task -> task.getId().getTaskId().getName())
        .containsExactly("make_made.step");
    assertThat(tasks("made", "n0")).hasSize(1);
  }

  @Test
  void clientsGetTheWorkflowThatWasMade() {
    run("shown", workflows.dynamic("shown", Map.of("nodes", 2)));

    var made = dynamicWorkflow("shown", "n0");
    assertThat(made.getId().getName()).isEqualTo("dynamic_n0");
    assertThat(made.getId().getVersion()).hasSize(10);
    assertThat(made.getCompiledWorkflow().getPrimary().getTemplate().getNodesList())
        .extracting(Node::getId)
        .containsExactlyInAnyOrder("start-node", "end-node", "n0", "n1");
  }

  @Test
  void equalGraphsAreOneWorkflow() {
    var launchPlan = workflows.dynamic("equal", Map.of("nodes", 3));
    run("equal-1", launchPlan);
    run("equal-2", launchPlan);

    assertThat(dynamicWorkflow("equal-1", "n0").getId())
        .isEqualTo(dynamicWorkflow("equal-2", "n0").getId());
  }

  @Test
  void whatAGraphHasMadeIsKeptForTheTaskIfThatIsCached() {
    var maker = EchoWorkflows.echo("cached_maker");
    maker.getMetadataBuilder().setDiscoverable(true).setDiscoveryVersion("1");
    var graph = spec(literal("n0", STEP.getId())).addTasks(STEP);
    graph.addOutputs(EchoWorkflows.promise("n0"));
    var futures = Base64.getEncoder().encodeToString(graph.build().toByteArray());
    maker
        .getCustomBuilder()
        .putFields(
            "futures", com.google.protobuf.Value.newBuilder().setStringValue(futures).build());
    var made = EchoWorkflows.node("n0", workflows.registered(maker.build()), EchoWorkflows.START);
    var launchPlan = workflows.register(EchoWorkflows.template("cached", List.of(made)), List.of());
    run("cached-1", launchPlan);
    run("cached-2", launchPlan);

    assertThat(cacheStatus("cached-1")).isEqualTo(CatalogCacheStatus.CACHE_POPULATED);
    assertThat(cacheStatus("cached-2")).isEqualTo(CatalogCacheStatus.CACHE_HIT);
    assertThat(children("cached-2", "n0")).isEmpty();
    assertThat(client.outputs("cached-2")).isEqualTo(client.outputs("cached-1"));
  }

  private static CatalogCacheStatus cacheStatus(String execution) {
    return node(execution, "n0").getClosure().getTaskNodeMetadata().getCacheStatus();
  }

  @Test
  void dynamicTasksMakeDynamicTasksAndSubWorkflows() {
    var maker = EchoWorkflows.echo("maker");
    var graph = com.google.protobuf.Value.newBuilder();
    graph
        .getStructValueBuilder()
        .putFields("nodes", com.google.protobuf.Value.newBuilder().setNumberValue(3).build());
    maker.getCustomBuilder().putFields("graph", graph.build());
    var inner = EchoWorkflows.id(ResourceType.WORKFLOW, "inner");
    var spec =
        spec(
                literal("n0", maker.getId()),
                Node.newBuilder()
                    .setId("n1")
                    .addInputs(EchoWorkflows.promise("n0"))
                    .setWorkflowNode(
                        flyteidl.core.Workflow.WorkflowNode.newBuilder().setSubWorkflowRef(inner))
                    .build())
            .addTasks(maker)
            .addSubworkflows(
                WorkflowTemplate.newBuilder()
                    .setId(inner)
                    .setInterface(EchoWorkflows.signature())
                    .addNodes(EchoWorkflows.node("n0", maker.getId(), "start-node"))
                    .addOutputs(EchoWorkflows.promise("n0")))
            .addOutputs(EchoWorkflows.promise("n1"));
    run("nested", workflows.dynamic("nested", spec.build().toByteString()));

    assertThat(client.outputs("nested")).isEqualTo(EchoWorkflows.inputs(7));
    assertThat(children("nested", "n0-0-n0")).hasSize(5);
    assertThat(children("nested", "n0-0-n1-0-n0")).hasSize(5);
    assertThat(dynamicWorkflow("nested", "n0-0-n1-0-n0").getId().getName()).isEqualTo("dynamic_n0");
    assertThat(tasks("nested", "n0-0-n0-0-n2"))
        .extracting(task -> task.getId().getTaskId().getName())
        .containsExactly("maker.step");
  }

  @Test
  void aNodeOfTheGraphThatFailsFailsTheNodeButNotTheTask() {
    var failing = EchoWorkflows.echo("failing");
    failing
        .getCustomBuilder()
        .putFields(
            "fail",
            com.google.protobuf.Value.newBuilder()
                .setStructValue(com.google.protobuf.Struct.getDefaultInstance())
                .build());
    var spec =
        spec(literal("n0", failing.getId()))
            .addTasks(failing)
            .addOutputs(EchoWorkflows.promise("n0"));
    var closure = fail("failing", workflows.dynamic("failing", spec.build().toByteString()));

    assertThat(closure.getError().getMessage()).contains("as asked");
    assertThat(node("failing", "n0").getClosure().getPhase()).isEqualTo(Phase.FAILED);
    assertThat(tasks("failing", "n0"))
        .extracting(task -> task.getClosure().getPhase())
        .containsExactly(flyteidl.core.Execution.TaskExecution.Phase.SUCCEEDED);
  }

  @Test
  void aCycleIsRefusedWithItsNodes() {
    var spec =
        spec(
                literal("n0", STEP.getId()),
                EchoWorkflows.node("n1", STEP.getId(), "n2").toBuilder()
                    .addUpstreamNodeIds("n0")
                    .build(),
                EchoWorkflows.node("n2", STEP.getId(), "n1"))
            .addTasks(STEP)
            .addOutputs(EchoWorkflows.promise("n2"));

    assertThat(refused("cycle", spec.build().toByteString()))
        .contains("Code: CycleDetected, Node Id: n1")
        .contains("n1>n2>n1");
  }

  @Test
  void allErrorsOfAGraphComeAtOnce() {
    var spec =
        spec(literal("n0", STEP.getId()), Node.newBuilder().setId("n1").build())
            .addTasks(STEP)
            .addOutputs(EchoWorkflows.promise("n7"));

    assertThat(refused("wrong", spec.build().toByteString())).contains("n1").contains("n7");
  }

  @Test
  void aTaskThatWasNotMadeIsMissed() {
    var spec = spec(literal("n0", STEP.getId())).addOutputs(EchoWorkflows.promise("n0"));

    assertThat(refused("missing", spec.build().toByteString()))
        .contains("TaskReferenceNotFound")
        .contains("flytesnacks:development:step:v1");
  }

  @Test
  void whatIsNoGraphIsRefused() {
    assertThat(refused("garbage", ByteString.copyFromUtf8("<html>not found</html>")))
        .contains("is no DynamicJobSpec");
  }

  @Test
  void anEmptyGraphIsRefused() {
    assertThat(refused("empty", ByteString.EMPTY)).contains("NoNodesFound");
  }

  @Test
  void aTaskThatMakesItselfForEverFails() {
    var closure = fail("itself", workflows.dynamic("itself", Map.of("itself", true)));
    assertThat(closure.getError().getCode()).isEqualTo(REFUSED);
    assertThat(closure.getError().getMessage()).contains("more than 50 deep");
  }

  @Test
  void aGraphOfAMillionNodesIsRefusedByItsSizeAlone() {
    var closure = fail("million", workflows.dynamic("million", Map.of("nodes", 1_000_000)));
    assertThat(closure.getError().getCode()).isEqualTo(REFUSED);
    assertThat(closure.getError().getMessage()).contains("too large");
  }

  @Test
  void aGraphWithTooManyNodesIsRefusedByTheirNumber() {
    var closure = fail("many", workflows.dynamic("many", Map.of("nodes", 150_000)));
    assertThat(closure.getError().getCode()).isEqualTo(REFUSED);
    assertThat(closure.getError().getMessage()).contains("150000 nodes; the limit is 100000");
  }

  private static void run(String name, Identifier launchPlan) {
    client.create(name, launchPlan, EchoWorkflows.inputs(42));
    var closure = client.awaitEnd(name).getClosure();
    assertThat(closure.getPhase())
        .as(closure.getError().getMessage())
        .isEqualTo(WorkflowExecution.Phase.SUCCEEDED);
  }

  private static ExecutionClosure fail(String name, Identifier launchPlan) {
    client.create(name, launchPlan, EchoWorkflows.inputs(42));
    var closure = client.awaitEnd(name).getClosure();
    assertThat(closure.getPhase()).isEqualTo(WorkflowExecution.Phase.FAILED);
    return closure;
  }

  private static String refused(String name, ByteString graph) {
    var closure = fail(name, workflows.dynamic(name, graph));
    assertThat(closure.getError().getCode()).isEqualTo(REFUSED);
    return closure.getError().getMessage();
  }

  private static DynamicJobSpec.Builder spec(Node... nodes) {
    return DynamicJobSpec.newBuilder().addAllNodes(List.of(nodes));
  }

  /** A node with 7 as its input. */
  private static Node literal(String id, Identifier task) {
    var seven = EchoWorkflows.inputs(7).getLiteralsOrThrow("x");
    var binding = Binding.newBuilder().setVar("x");
    binding.getBindingBuilder().setScalar(seven.getScalar());
    return EchoWorkflows.node(id, task, "start-node").toBuilder().setInputs(0, binding).build();
  }

  private static NodeExecutionIdentifier id(String execution, String node) {
    return NodeExecutionIdentifier.newBuilder()
        .setExecutionId(EngineClient.id(execution))
        .setNodeId(node)
        .build();
  }

  private static NodeExecution node(String execution, String node) {
    return client
        .admin()
        .getNodeExecution(NodeExecutionGetRequest.newBuilder().setId(id(execution, node)).build());
  }

  private static List<NodeExecution> children(String execution, String node) {
    return client
        .admin()
        .listNodeExecutions(
            NodeExecutionListRequest.newBuilder()
                .setWorkflowExecutionId(EngineClient.id(execution))
                .setUniqueParentId(node)
                .setLimit(100)
                .build())
        .getNodeExecutionsList();
  }

  private static List<TaskExecution> tasks(String execution, String node) {
    return client
        .admin()
        .listTaskExecutions(
            TaskExecutionListRequest.newBuilder()
                .setNodeExecutionId(id(execution, node))
                .setLimit(100)
                .build())
        .getTaskExecutionsList();
  }

  private static DynamicWorkflowNodeMetadata dynamicWorkflow(String execution, String node) {
    return client
        .admin()
        .getNodeExecutionData(
            NodeExecutionGetDataRequest.newBuilder().setId(id(execution, node)).build())
        .getDynamicWorkflow();
  }
}
