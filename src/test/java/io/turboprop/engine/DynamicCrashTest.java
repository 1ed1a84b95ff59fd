package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.core.Execution.NodeExecution.Phase;
import flyteidl.core.Execution.WorkflowExecution;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the engine while graphs that were made at run time are under way. */
@Tag("integration")
class DynamicCrashTest {
  private static final int STEPS = 60;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path folder;

  @Test
  void aDynamicGraphGoesOnWhereItWasWheneverTheEngineIsKilled() throws Exception {
    try (var engine = new EngineProcess(folder).start();
        var client = new EngineClient(engine)) {
      var launchPlan =
          new EchoWorkflows(client)
              .dynamic("killed", Map.of("nodes", STEPS, "chain", true, "sleep", "50ms"));
      client.create("killed", launchPlan, EchoWorkflows.inputs(3));
      for (int done : List.of(5, 25, 45)) {
        Facts.await(done + " steps done", PATIENCE, () -> succeeded(client) >= done);
        engine.kill();
        engine.start();
        client.reconnect();
      }

      assertThat(client.awaitEnd("killed").getClosure().getPhase())
          .isEqualTo(WorkflowExecution.Phase.SUCCEEDED);
      assertThat(client.outputs("killed")).isEqualTo(EchoWorkflows.inputs(3));
      assertThat(children(client))
          .hasSize(STEPS + 2)
          .allMatch(node -> node.getClosure().getPhase() == Phase.SUCCEEDED)
          .allMatch(node -> node.getMetadata().getRetryGroup().equals("0"));
      assertThat(engine.log()).doesNotContain(" ERROR ");
    }
  }

  /** None as long as the node is not there. */
  private static long succeeded(EngineClient client) {
    try {
      return children(client).stream()
          .filter(node -> node.getClosure().getPhase() == Phase.SUCCEEDED)
          .count();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return 0;
      }
      throw e;
    }
  }

  private static List<NodeExecution> children(EngineClient client) {
    return client
        .admin()
        .listNodeExecutions(
            NodeExecutionListRequest.newBuilder()
                .setWorkflowExecutionId(EngineClient.id("killed"))
                .setUniqueParentId("n0")
                .setLimit(1_000)
                .build())
        .getNodeExecutionsList();
  }
}
