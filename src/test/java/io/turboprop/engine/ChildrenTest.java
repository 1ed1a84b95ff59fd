package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.WorkflowExecutionGetMetricsRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Metrics.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executions that start others. */
@Tag("integration")
class ChildrenTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** Long enough for parents to leave memory. */
  private static final Duration SLEEP = EngineProcess.IDLE_AFTER.plusSeconds(2);

  @TempDir private static Path folder;
  private static EngineProcess engine;
  private static EngineClient client;
  private static EchoWorkflows workflows;

  @BeforeAll
  static void start() throws IOException {
    // what is not told is not found
    var settings =
        Files.writeString(folder.resolve("engine.conf"), "turboprop.waker.sweep-interval = 1h");
    engine = new EngineProcess(folder, "--config", settings.toString()).start();
    client = new EngineClient(engine);
    workflows = new EchoWorkflows(client);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    client.close();
    engine.close();
  }

  @Test
  void theChildsOutputsAreThoseOfTheNodeAndEachKnowsTheOther() {
    var parent = run("outputs", chain("outputs-child", Duration.ZERO));

    assertThat(parent.getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("outputs")).isEqualTo(EchoWorkflows.inputs(7));
    var child = child("outputs", 0);
    assertThat(child).isEqualTo("outputs-n0-0");
    var metadata = client.get(child).getSpec().getMetadata();
    assertThat(metadata.getMode()).isEqualTo(ExecutionMode.CHILD_WORKFLOW);
    assertThat(metadata.getNesting()).isEqualTo(1);
    assertThat(metadata.getParentNodeExecution()).isEqualTo(nodeId("outputs", 0));
    assertThat(spansOf("outputs", 0, 2))
        .extracting(span -> span.getWorkflowId().getName())
        .contains(child);
    assertThat(spansOf("outputs", 0, 1)).noneMatch(Span::hasWorkflowId);
  }

  /** The parts of a node in the metrics of its execution. */
  private static List<Span> spansOf(String execution, int node, int depth) {
    var request =
        WorkflowExecutionGetMetricsRequest.newBuilder()
            .setId(EngineClient.id(execution))
            .setDepth(depth);
    return client.admin().getExecutionMetrics(request.build()).getSpan().getSpansList().stream()
        .filter(span -> span.getNodeId().equals(nodeId(execution, node)))
        .flatMap(span -> span.getSpansList().stream())
        .toList();
  }

  @Test
  void aParentThatHasLeftMemoryHearsOfTheEnd() {
    var parent = run("asleep", chain("asleep-child", SLEEP));

    assertThat(parent.getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
  }

  @Test
  void theErrorOfTheChildIsThatOfTheParentAndTheOtherChildrenAreAborted() {
    var failing = workflows.failing("failing", "Oops", "it broke");
    var parent = run("unlucky", chain("unlucky-child", LONG), failing);

    assertThat(parent.getClosure().getPhase()).isEqualTo(Phase.FAILED);
    assertThat(parent.getClosure().getError().getCode()).isEqualTo("Oops");
    assertThat(parent.getClosure().getError().getMessage()).contains("it broke");
    var other = client.awaitEnd(child("unlucky", 0)).getClosure();
    assertThat(other.getPhase()).isEqualTo(Phase.ABORTED);
    assertThat(other.getAbortMetadata().getCause())
        .startsWith("cascading abort as parent execution id [unlucky] aborted, reason [");
  }

  @Test
  void aChildThatIsAbortedByHandFailsItsParent() {
    client.create("bereft", parent("bereft", chain("bereft-child", LONG)), inputs());
    awaitThere("bereft-n0-0");
    terminate("bereft-n0-0");

    var error = client.awaitEnd("bereft").getClosure().getError();
    assertThat(error.getCode()).isEqualTo("RemoteChildWorkflowExecutionFailed");
    assertThat(error.getMessage()).contains("bereft-n0-0").contains("changed my mind");
  }

  @Test
  void aChildOfWhichNothingCanBeShownIsParkedAndItsParentWaits() throws Exception {
    try (var history = History.of(engine)) {
      history.refuseNodesOf("unseen-n0-0");
    }
    client.create("unseen", parent("unseen", chain("unseen-child", Duration.ZERO)), inputs());
    Facts.await(
        "the child accepted",
        Duration.ofMinutes(1),
        () ->
            client.list().stream()
                .flatMap(List::stream)
                .anyMatch(execution -> execution.getId().getName().equals("unseen-n0-0")));
    Facts.await(
        "the child parked",
        Duration.ofMinutes(1),
        () ->
            client.get("unseen-n0-0").getClosure().getError().getCode().equals("ExecutionParked"));
    assertThat(client.get("unseen-n0-0").getClosure().getError().getMessage())
        .contains("the database refuses the data of the execution");
    assertThat(client.get("unseen").getClosure().getPhase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void theChildrenOfAnAbortedParentAreAborted() {
    var child = chain("orphan-child", LONG);
    client.create("orphans", parent("orphans", child, child), inputs());
    awaitThere("orphans-n0-0");
    awaitThere("orphans-n1-0");
    terminate("orphans");

    assertThat(client.awaitEnd("orphans").getClosure().getPhase()).isEqualTo(Phase.ABORTED);
    for (int i = 0; i < 2; i++) {
      var closure = client.awaitEnd("orphans-n%d-0".formatted(i)).getClosure();
      assertThat(closure.getPhase()).isEqualTo(Phase.ABORTED);
      assertThat(closure.getAbortMetadata().getCause())
          .isEqualTo(
              "cascading abort as parent execution id [orphans] aborted, reason [changed my mind]");
    }
  }

  @Test
  void aNameThatIsTakenBySomebodyElseFailsTheNode() {
    var child = chain("taken-child", Duration.ZERO);
    client.create("taken-n0-0", child, inputs());
    var error = run("taken", child).getClosure().getError();

    assertThat(error.getCode()).isEqualTo("RuntimeExecutionError");
    assertThat(error.getMessage())
        .contains("taken-n0-0")
        .contains("another execution has the name");
    assertThat(node("taken", 0).getClosure().hasWorkflowNodeMetadata()).isFalse();
  }

  @Test
  void aRecoveredNodeShowsTheExecutionThatHadMadeItsOutputs() {
    var parent = parent("kept", chain("kept-child", Duration.ZERO), chain("kept-long", LONG));
    client.create("kept-1", parent, inputs());
    awaitPhase("kept-1", flyteidl.core.Execution.NodeExecution.Phase.SUCCEEDED);
    for (int earlier = 1; earlier <= 2; earlier++) {
      terminate("kept-" + earlier);
      client.awaitEnd("kept-" + earlier);
      recover("kept-" + earlier, "kept-" + (earlier + 1));
      awaitPhase("kept-" + (earlier + 1), flyteidl.core.Execution.NodeExecution.Phase.RECOVERED);
    }
    terminate("kept-3");

    assertThat(child("kept-1", 0)).isEqualTo("kept-1-n0-0");
    assertThat(child("kept-2", 0)).isEqualTo("kept-1-n0-0");
    assertThat(child("kept-3", 0)).isEqualTo("kept-1-n0-0");
  }

  private static Identifier chain(String name, Duration sleep) {
    return workflows.chain(name, List.of(sleep));
  }

  private static Identifier parent(String name, Identifier... children) {
    return workflows.parent("parent-" + name, List.of(children));
  }

  private static LiteralMap inputs() {
    return EchoWorkflows.inputs(7);
  }

  private static Execution run(String name, Identifier... children) {
    client.create(name, parent(name, children), inputs());
    return client.awaitEnd(name);
  }

  private static NodeExecutionIdentifier nodeId(String execution, int node) {
    return NodeExecutionIdentifier.newBuilder()
        .setExecutionId(EngineClient.id(execution))
        .setNodeId("n" + node)
        .build();
  }

  private static NodeExecution node(String execution, int node) {
    return client
        .admin()
        .getNodeExecution(
            NodeExecutionGetRequest.newBuilder().setId(nodeId(execution, node)).build());
  }

  /** The execution that a node has started, as clients are told. */
  private static String child(String execution, int node) {
    return node(execution, node).getClosure().getWorkflowNodeMetadata().getExecutionId().getName();
  }

  /** Waits until there is such an execution, and it has begun. */
  private static void awaitThere(String name) {
    Facts.await(
        name + " begun",
        Duration.ofMinutes(1),
        () ->
            client.list().orElse(List.of()).stream()
                .anyMatch(execution ->
                    execution.getId().getName().equals(name)
                        && execution.getClosure().getPhase() != Phase.UNDEFINED));
  }

  private static void terminate(String name) {
    client
        .admin()
        .terminateExecution(
            ExecutionTerminateRequest.newBuilder()
                .setId(EngineClient.id(name))
                .setCause("changed my mind")
                .build());
  }

  private static void recover(String earlier, String name) {
    client
        .admin()
        .recoverExecution(
            ExecutionRecoverRequest.newBuilder()
                .setId(EngineClient.id(earlier))
                .setName(name)
                .build());
  }

  /** Looks until the first node is in this phase. */
  private static void awaitPhase(String name, flyteidl.core.Execution.NodeExecution.Phase phase) {
    var nodes =
        NodeExecutionListRequest.newBuilder()
            .setWorkflowExecutionId(EngineClient.id(name))
            .setLimit(10)
            .build();
    Facts.await(
        "the first node of " + name + " is " + phase,
        Duration.ofMinutes(1),
        () ->
            client.admin().listNodeExecutions(nodes).getNodeExecutionsList().stream()
                .anyMatch(node ->
                    node.getId().getNodeId().equals("n0")
                        && node.getClosure().getPhase() == phase));
  }
}
