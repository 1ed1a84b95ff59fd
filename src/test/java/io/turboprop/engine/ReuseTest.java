package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.turboprop.node.Reuse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executions that use again what others have made: recovery and recomputation. */
@Tag("integration")
class ReuseTest {
  private static final Duration LONG = Duration.ofHours(1);

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
  void recoveryRunsAgainOnlyWhatHasNotSucceeded() {
    var chain = workflows.chain("half", List.of(Duration.ZERO, Duration.ZERO, LONG));
    client.create("half-1", chain, EchoWorkflows.inputs(5));
    awaitPhases(
        "half-1", Map.of("n0", NodeExecution.Phase.SUCCEEDED, "n2", NodeExecution.Phase.RUNNING));
    terminate("half-1");
    client.awaitEnd("half-1");
    client
        .admin()
        .recoverExecution(
            ExecutionRecoverRequest.newBuilder()
                .setId(EngineClient.id("half-1"))
                .setName("half-2")
                .build());

    awaitPhases(
        "half-2",
        Map.of(
            "n0", NodeExecution.Phase.RECOVERED,
            "n1", NodeExecution.Phase.RECOVERED,
            "n2", NodeExecution.Phase.RUNNING));
    terminate("half-2");
  }

  @Test
  void whatIsUnchangedIsNotComputedAgain() {
    var chain = workflows.chain("same", List.of(Duration.ZERO, Duration.ZERO));
    client.create("same-1", chain, EchoWorkflows.inputs(5));
    client.awaitEnd("same-1");
    recompute("same-2", chain, 5, "same-1");
    recompute("same-3", chain, 6, "same-1");

    assertThat(client.awaitEnd("same-2").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("same-2")).isEqualTo(EchoWorkflows.inputs(5));
    assertThat(phases("same-2"))
        .containsEntry("n0", NodeExecution.Phase.RECOVERED)
        .containsEntry("n1", NodeExecution.Phase.RECOVERED);
    assertThat(client.awaitEnd("same-3").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("same-3")).isEqualTo(EchoWorkflows.inputs(6));
    assertThat(phases("same-3"))
        .containsEntry("n0", NodeExecution.Phase.SUCCEEDED)
        .containsEntry("n1", NodeExecution.Phase.SUCCEEDED);
  }

  @Test
  void nothingCanBeComputedFromAnExecutionThatIsNotThere() {
    var chain = workflows.chain("from-nothing", List.of(Duration.ZERO));

    assertThatThrownBy(() -> recompute("from-nothing-1", chain, 5, "gone"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  private static void recompute(String name, Identifier launchPlan, long input, String from) {
    var request = EngineClient.execution(name, launchPlan, EchoWorkflows.inputs(input)).toBuilder();
    request.getSpecBuilder().getAnnotationsBuilder().putValues(Reuse.RECOMPUTE_FROM, from);
    client.admin().createExecution(request.build());
  }

  private static void terminate(String name) {
    client
        .admin()
        .terminateExecution(
            ExecutionTerminateRequest.newBuilder()
                .setId(EngineClient.id(name))
                .setCause("enough")
                .build());
  }

  private static void awaitPhases(String name, Map<String, NodeExecution.Phase> wanted) {
    Facts.await(
        "the nodes of " + name + " are " + wanted,
        Duration.ofSeconds(60),
        () -> phases(name).entrySet().containsAll(wanted.entrySet()));
  }

  private static Map<String, NodeExecution.Phase> phases(String name) {
    var phases = new HashMap<String, NodeExecution.Phase>();
    client
        .admin()
        .listNodeExecutions(
            NodeExecutionListRequest.newBuilder()
                .setWorkflowExecutionId(EngineClient.id(name))
                .setLimit(100)
                .build())
        .getNodeExecutionsList()
        .forEach(node -> phases.put(node.getId().getNodeId(), node.getClosure().getPhase()));
    return phases;
  }
}
