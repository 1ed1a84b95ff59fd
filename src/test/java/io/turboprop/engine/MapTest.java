package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.Execution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An array node by Flyte's API, on an engine that is killed on the way. */
@Tag("integration")
class MapTest {
  private static final int SIZE = 3_000;
  private static final Duration SLEEP = Duration.ofMillis(200);

  @TempDir private Path folder;

  @Test
  void everyElementIsDoneOnceWheneverTheEngineIsKilled() throws Exception {
    try (var engine = new EngineProcess(folder).start()) {
      try (var client = new EngineClient(engine)) {
        var map = new EchoWorkflows(client).map("map", SLEEP);
        client.create("killed", map, EchoWorkflows.integers(SIZE));
        for (int done : new int[] {1, SIZE / 3, 2 * SIZE / 3}) {
          awaitElements(client, "killed", done);
          engine.kill();
          engine.start();
          client.reconnect();
        }
        assertThat(client.awaitEnd("killed").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(client.outputs("killed")).isEqualTo(EchoWorkflows.integers(SIZE));
        assertThat(succeeded(client, "killed")).isEqualTo(SIZE);
        assertThat(isArray(client, "killed")).isTrue();
        client.create("none", map, EchoWorkflows.integers(0));
        assertThat(client.awaitEnd("none").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(client.outputs("none")).isEqualTo(EchoWorkflows.integers(0));
      }
      assertThat(engine.stop()).isIn(0, 143);
      try (var history = History.of(engine)) {
        history.requireEachElementOnce("killed", SIZE);
        history.requireEachElementOnce("none", 0);
      }
    }
  }

  private static void awaitElements(EngineClient client, String name, int wanted) {
    Facts.await(
        wanted + " elements done", Duration.ofMinutes(1), () -> succeeded(client, name) >= wanted);
  }

  /** How many elements clients are shown as done. */
  private static long succeeded(EngineClient client, String name) {
    return attempt(client, name).stream()
        .flatMap(task -> task.getClosure().getMetadata().getExternalResourcesList().stream())
        .filter(element -> element.getPhase() == Execution.TaskExecution.Phase.SUCCEEDED)
        .count();
  }

  private static Optional<TaskExecution> attempt(EngineClient client, String name) {
    List<TaskExecution> attempts =
        client
            .admin()
            .listTaskExecutions(
                TaskExecutionListRequest.newBuilder()
                    .setNodeExecutionId(array(name))
                    .setLimit(10)
                    .build())
            .getTaskExecutionsList();
    assertThat(attempts).hasSizeLessThan(2);
    return attempts.stream().findFirst();
  }

  private static boolean isArray(EngineClient client, String name) {
    return client
        .admin()
        .getNodeExecution(NodeExecutionGetRequest.newBuilder().setId(array(name)).build())
        .getMetadata()
        .getIsArray();
  }

  private static NodeExecutionIdentifier array(String name) {
    return NodeExecutionIdentifier.newBuilder()
        .setExecutionId(EngineClient.id(name))
        .setNodeId("n0")
        .build();
  }
}
