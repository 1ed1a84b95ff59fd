package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executions that have more open nodes together than one process may hold. */
@Tag("integration")
@Timeout(300)
class NodesInMemoryTest {
  private static final Duration WITHIN = Duration.ofMinutes(1);

  @TempDir private Path folder;
  private EngineProcess engine;
  private EngineClient client;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws IOException {
    var settings = folder.resolve("small.conf");
    Files.writeString(settings, "turboprop.workflow.nodes-in-memory-max = 2560");
    engine = new EngineProcess(folder, "--config", settings.toString()).start();
    client = new EngineClient(engine);
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    engine.close();
  }

  /** Those that only sleep leave memory soon, and make room. */
  @Test
  void aGraphIsOpenedWhenOthersHaveLeft() throws Exception {
    var workflows = new EchoWorkflows(client);
    client.create("first", large(workflows, "one"), EchoWorkflows.inputs(1));
    client.create("second", large(workflows, "other"), EchoWorkflows.inputs(1));
    client.create(
        "small", workflows.chain("small", List.of(Duration.ZERO)), EchoWorkflows.inputs(1));

    assertThat(client.awaitEnd("small").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    awaitOpened("first");
    awaitOpened("second");
    awaitWaiting(0);
    end("first");
    end("second");
  }

  /** A step that makes 1,500, the first of which sleeps: two such graphs are too many. */
  private static Identifier large(EchoWorkflows workflows, String name) {
    return workflows.dynamic(name, Map.of("nodes", 1_500, "chain", true, "sleep", "1h"));
  }

  private void end(String name) {
    var _ =
        client
            .admin()
            .terminateExecution(
                ExecutionTerminateRequest.newBuilder()
                    .setId(EngineClient.id(name))
                    .setCause("seen enough")
                    .build());
    assertThat(client.awaitEnd(name).getClosure().getPhase()).isEqualTo(Phase.ABORTED);
  }

  private void awaitOpened(String name) {
    Facts.await(name + " has opened its graph", WITHIN, () -> hasOpened(name));
  }

  private boolean hasOpened(String name) {
    return client
        .admin()
        .listNodeExecutions(
            NodeExecutionListRequest.newBuilder()
                .setWorkflowExecutionId(EngineClient.id(name))
                .setLimit(10)
                .build())
        .getNodeExecutionsList()
        .stream()
        .anyMatch(node -> node.getMetadata().getIsParentNode());
  }

  private void awaitWaiting(int executions) {
    var line = "turboprop_executions_awaiting_memory %d.0".formatted(executions);
    Facts.await(line, WITHIN, () -> metrics().contains(line));
  }

  private String metrics() {
    var request =
        HttpRequest.newBuilder(URI.create(engine.address() + "/metrics")).timeout(WITHIN).build();
    try {
      return http.send(request, BodyHandlers.ofString()).body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
