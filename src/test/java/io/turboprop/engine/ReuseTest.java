package io.turboprop.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.ExecutionOuterClass.ExecutionRecoverRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionClosure;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.Node;
import flyteidl.service.Dataproxy.ArtifactType;
import flyteidl.service.Dataproxy.CreateDownloadLinkRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.turboprop.node.Reuse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
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
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private static Path folder;
  private static EngineProcess engine;
  private static EngineClient client;
  private static EchoWorkflows workflows;
  private static GuardedWorkflows guarded;

  @BeforeAll
  static void start() throws IOException {
    engine = new EngineProcess(folder).start();
    client = new EngineClient(engine);
    workflows = new EchoWorkflows(client);
    guarded = new GuardedWorkflows(workflows);
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
    recover("half-1", "half-2");

    awaitPhases(
        "half-2",
        Map.of(
            "n0", NodeExecution.Phase.RECOVERED,
            "n1", NodeExecution.Phase.RECOVERED,
            "n2", NodeExecution.Phase.RUNNING));
    terminate("half-2");
  }

  @Test
  void theDeckOfARecoveredNodeIsACopyWhichStaysWhenTheEarlierOneIsGone() throws IOException {
    client.create("deck-1", withDeck(), EchoWorkflows.inputs(5));
    awaitPhases("deck-1", Map.of("n1", NodeExecution.Phase.RUNNING));
    terminate("deck-1");
    client.awaitEnd("deck-1");
    recover("deck-1", "deck-2");
    awaitPhases("deck-2", Map.of("n0", NodeExecution.Phase.RECOVERED));
    terminate("deck-2");
    client.awaitEnd("deck-2");

    Files.delete(Path.of(node("deck-1", "n0").getDeckUri()));
    assertThat(read(deckLink("deck-2"))).isEqualTo("a deck\n");

    Files.delete(Path.of(node("deck-2", "n0").getDeckUri()));
    recover("deck-2", "deck-3");
    awaitPhases("deck-3", Map.of("n0", NodeExecution.Phase.RECOVERED));
    terminate("deck-3");
    assertThat(node("deck-3", "n0").getDeckUri()).isEmpty();
  }

  /** A step {@code n0} that writes a deck, then a long one. */
  private static Identifier withDeck() {
    var writer =
        TaskTemplate.newBuilder()
            .setId(EchoWorkflows.id(ResourceType.TASK, "deck_writer"))
            .setType("raw-container")
            .setInterface(TypedInterface.getDefaultInstance());
    writer.getMetadataBuilder().getRuntimeBuilder().setVersion("1");
    writer
        .getContainerBuilder()
        .setImage("none")
        .addAllCommand(
            List.of("sh", "-c", "mkdir -p $0 && echo a deck > $0/deck.html", "{{.outputPrefix}}"));
    var written = Node.newBuilder().setId("n0");
    written.getTaskNodeBuilder().setReferenceId(workflows.registered(writer.build()));
    var next = EchoWorkflows.node("n1", workflows.task(LONG), EchoWorkflows.START);
    return workflows.register(
        EchoWorkflows.template(
            "deck", List.of(written.build(), next.toBuilder().addUpstreamNodeIds("n0").build())),
        List.of());
  }

  private static String deckLink(String name) {
    var request =
        CreateDownloadLinkRequest.newBuilder()
            .setArtifactType(ArtifactType.ARTIFACT_TYPE_DECK)
            .setNodeExecutionId(nodeId(name, "n0"));
    return client
        .dataProxy()
        .createDownloadLink(request.build())
        .getPreSignedUrls()
        .getSignedUrl(0);
  }

  private static String read(String link) throws IOException {
    try (var content = URI.create(link).toURL().openStream()) {
      return new String(content.readAllBytes(), UTF_8);
    }
  }

  private static NodeExecutionClosure node(String name, String node) {
    return client
        .admin()
        .getNodeExecution(NodeExecutionGetRequest.newBuilder().setId(nodeId(name, node)).build())
        .getClosure();
  }

  private static NodeExecutionIdentifier nodeId(String name, String node) {
    return NodeExecutionIdentifier.newBuilder()
        .setExecutionId(EngineClient.id(name))
        .setNodeId(node)
        .build();
  }

  @Test
  void theNodesOfAFailedSubWorkflowAreRecovered() {
    failAndRecover("sub", "", guarded.subWorkflow());

    assertThat(phases("sub-2", "n0"))
        .containsEntry("n0-0-n0", NodeExecution.Phase.RECOVERED)
        .containsEntry("n0-0-n1", NodeExecution.Phase.SUCCEEDED);
  }

  /** The graph of the second attempt, in which the nodes had other ids, is walked again. */
  @Test
  void theGraphThatAFailedDynamicNodeHadMadeIsKeptAndItsNodesAreRecovered() {
    failAndRecover("dynamic", "", guarded.dynamic());

    assertThat(phases("dynamic-1", "n0")).containsEntry("n0-1-n0", NodeExecution.Phase.SUCCEEDED);
    assertThat(phases("dynamic-2", "n0"))
        .containsEntry("n0-0-n0", NodeExecution.Phase.RECOVERED)
        .containsEntry("n0-0-n1", NodeExecution.Phase.SUCCEEDED);
    assertThat(Account.attempts(client, nodeId("dynamic-2", "n0"))).isEmpty();
    assertThat(launched("dynamic-2", "n0-0-n2"))
        .isNotEmpty()
        .isEqualTo(launched("dynamic-1", "n0-1-n2"));
  }

  /** The execution whose outputs a node has. */
  private static String launched(String name, String node) {
    return node(name, node).getWorkflowNodeMetadata().getExecutionId().getName();
  }

  @Test
  void aChildThatFailedIsRecoveredItself() {
    failAndRecover("child", "-n0-0", guarded.launchPlan());

    assertThat(phases("child-2-n0-0", ""))
        .containsEntry("n0", NodeExecution.Phase.RECOVERED)
        .containsEntry("n1", NodeExecution.Phase.SUCCEEDED);
    var metadata = client.get("child-2-n0-0").getSpec().getMetadata();
    assertThat(metadata.getReferenceExecution()).isEqualTo(EngineClient.id("child-1-n0-0"));
    assertThat(metadata.getParentNodeExecution().getExecutionId())
        .isEqualTo(EngineClient.id("child-2"));
  }

  @Test
  void theElementsOfAnArrayThatHadSucceededAreRecovered() {
    var map = workflows.map("elements", Duration.ofSeconds(3), 2);
    client.create("elements-1", map, EchoWorkflows.integers(4));
    var array = nodeId("elements-1", "n0");
    Facts.await("two elements", PATIENCE, () -> succeededElements(array) >= 2);
    terminate("elements-1");
    client.awaitEnd("elements-1");
    recover("elements-1", "elements-2");

    assertThat(client.awaitEnd("elements-2").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("elements-2")).isEqualTo(EchoWorkflows.integers(4));
    try (var history = History.of(engine)) {
      assertThat(history.recovered("elements-2"))
          .contains("n0/0/n0", "n0/0/n1")
          .doesNotContain("n0", "n0/0/n3");
    }
  }

  private static long succeededElements(NodeExecutionIdentifier array) {
    return Account.attempts(client, array).stream()
        .flatMap(task -> task.getClosure().getMetadata().getExternalResourcesList().stream())
        .filter(element -> element.getPhase() == TaskExecution.Phase.SUCCEEDED)
        .count();
  }

  /**
   * Runs what is guarded in vain, and then recovers it.
   *
   * @param gated what is behind the name of the execution in that of the one with the gate
   */
  private static void failAndRecover(String name, String gated, Identifier launchPlan) {
    var first = name + "-1";
    var second = name + "-2";
    client.create(first, launchPlan, EchoWorkflows.inputs(7));
    client.awaitGate(first + gated);
    client.signal(first + gated, "review", EngineClient.bool(false));
    assertThat(client.awaitEnd(first).getClosure().getPhase()).isEqualTo(Phase.FAILED);
    recover(first, second);
    client.awaitGate(second + gated);
    client.signal(second + gated, "review", EngineClient.bool(true));

    assertThat(client.awaitEnd(second).getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs(second)).isEqualTo(EchoWorkflows.inputs(7));
  }

  private static void recover(String name, String as) {
    client
        .admin()
        .recoverExecution(
            ExecutionRecoverRequest.newBuilder().setId(EngineClient.id(name)).setName(as).build());
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
        PATIENCE,
        () -> phases(name).entrySet().containsAll(wanted.entrySet()));
  }

  private static Map<String, NodeExecution.Phase> phases(String name) {
    return phases(name, "");
  }

  /** The nodes right inside a node. */
  private static Map<String, NodeExecution.Phase> phases(String name, String parent) {
    var phases = new HashMap<String, NodeExecution.Phase>();
    Account.nodes(client, name, parent)
        .forEach(node -> phases.put(node.getId().getNodeId(), node.getClosure().getPhase()));
    return phases;
  }
}
