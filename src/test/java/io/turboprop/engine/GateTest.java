package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executions that wait: for a moment, for somebody, or until it is too late. */
@Tag("integration")
class GateTest {
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
  void aYesLetsTheInputsPass() {
    client.create("yes", workflows.approval("yes"), EchoWorkflows.inputs(3));
    client.signal("yes", "review", EngineClient.bool(true));
    assertThat(phaseAtTheEnd("yes")).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("yes")).isEqualTo(EchoWorkflows.inputs(3));
  }

  @Test
  void aNoFailsTheExecution() {
    client.create("no", workflows.approval("no"), EchoWorkflows.inputs(3));
    client.signal("no", "review", EngineClient.bool(false));
    assertThat(client.awaitEnd("no").getClosure().getError().getCode())
        .isEqualTo("ReceivedRejectSignal");
  }

  @Test
  void aGateWaitsNoLongerThanItsDeadline() {
    client.create("late", workflows.signal("late", Duration.ofSeconds(2)), EchoWorkflows.inputs(3));
    var closure = client.awaitEnd("late").getClosure();
    assertThat(closure.getPhase()).isEqualTo(Phase.FAILED);
    assertThat(closure.getError().getMessage()).contains("execution timeout [2s] expired");
    client.signal("late", "value", EchoWorkflows.integer(1));
    assertThat(client.phase("late")).isEqualTo(Phase.FAILED);
  }

  @Test
  void whatWaitsCanBeAborted() {
    client.create("stopped", workflows.signal("stopped", Duration.ZERO), EchoWorkflows.inputs(3));
    client.awaitGate("stopped");
    client
        .admin()
        .terminateExecution(
            ExecutionTerminateRequest.newBuilder()
                .setId(EngineClient.id("stopped"))
                .setCause("nobody comes")
                .build());
    assertThat(phaseAtTheEnd("stopped")).isEqualTo(Phase.ABORTED);
  }

  @Test
  void whoSleepsIsAwokenInTime() {
    var pause = EngineProcess.IDLE_AFTER.plusSeconds(2);
    client.create("asleep", workflows.sleep("asleep", pause), EchoWorkflows.inputs(1));
    assertThat(duration(client.awaitEnd("asleep"))).isBetween(pause, pause.plusSeconds(60));
  }

  private static Phase phaseAtTheEnd(String name) {
    return client.awaitEnd(name).getClosure().getPhase();
  }

  private static Duration duration(Execution execution) {
    var duration = execution.getClosure().getDuration();
    return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }
}
