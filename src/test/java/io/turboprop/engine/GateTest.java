package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.Literals.Literal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executions that wait: for a moment, for somebody, across kills, or until it is too late. */
@Tag("integration")
class GateTest {
  /** Longer than {@code turboprop.workflow.idle-after}, after which who waits leaves memory. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(8);

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
    client.signal("yes", "review", bool(true));
    assertThat(phaseAtTheEnd("yes")).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("yes")).isEqualTo(EchoWorkflows.inputs(3));
  }

  @Test
  void aNoFailsTheExecution() {
    client.create("no", workflows.approval("no"), EchoWorkflows.inputs(3));
    client.signal("no", "review", bool(false));
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

  /** Of two that wait for a signal one has left memory before the kill, the other has not. */
  @Test
  void whatWaitsOutlivesAKill(@TempDir Path another) throws Exception {
    try (var killed = new EngineProcess(another).start();
        var user = new EngineClient(killed)) {
      var definitions = new EchoWorkflows(user);
      var plan = definitions.signal("value", Duration.ofHours(1));
      user.create("gone", plan, EchoWorkflows.inputs(1));
      user.awaitGate("gone");
      user.create("pause", definitions.sleep("pause", LONG_ENOUGH), EchoWorkflows.inputs(1));
      var pause = user.awaitEnd("pause");
      assertThat(duration(pause)).isBetween(LONG_ENOUGH, LONG_ENOUGH.plusSeconds(15));
      user.create("there", plan, EchoWorkflows.inputs(1));
      user.create("asleep", definitions.sleep("asleep", LONG_ENOUGH), EchoWorkflows.inputs(1));
      user.awaitGate("there");
      user.await("asleep", Phase.RUNNING::equals);
      var begin = Instant.now();
      killed.kill();
      killed.start();
      user.reconnect();

      user.signal("gone", "value", EchoWorkflows.integer(5));
      user.signal("there", "value", EchoWorkflows.integer(6));
      user.awaitEnd("gone");
      user.awaitEnd("there");
      assertThat(user.outputs("gone")).isEqualTo(EchoWorkflows.inputs(5));
      assertThat(user.outputs("there")).isEqualTo(EchoWorkflows.inputs(6));
      var restart = Duration.between(begin, Instant.now());
      assertThat(duration(user.awaitEnd("asleep")))
          .isBetween(LONG_ENOUGH, LONG_ENOUGH.plus(restart).plusSeconds(5));
    }
  }

  private static Phase phaseAtTheEnd(String name) {
    return client.awaitEnd(name).getClosure().getPhase();
  }

  private static Duration duration(Execution execution) {
    var duration = execution.getClosure().getDuration();
    return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }

  private static Literal bool(boolean value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setBoolean(value);
    return literal.build();
  }
}
