package io.turboprop.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.ExecutionOuterClass.ExecutionRelaunchRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One engine as a process, by Flyte's API. */
@Tag("integration")
class EngineTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** Long enough for who sleeps to leave memory. */
  private static final Duration SLEEP = EngineProcess.IDLE_AFTER.plusSeconds(2);

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
  void chainPassesItsInputThroughToItsOutput() {
    var chain = workflows.chain("through", Collections.nCopies(10, Duration.ZERO));
    client.create("through", chain, EchoWorkflows.inputs(42));

    assertThat(client.awaitEnd("through").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("through")).isEqualTo(EchoWorkflows.inputs(42));
  }

  @Test
  void fanOutJoinsAllItsBranches() {
    var fanOut = workflows.fanOut("wide", 100);
    client.create("wide", fanOut, EchoWorkflows.inputs(7));

    assertThat(client.awaitEnd("wide").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("wide")).isEqualTo(EchoWorkflows.inputs(7));
  }

  @Test
  void whatRunsIsAbortedWithTheCause() {
    var chain = workflows.chain("aborted", List.of(LONG));
    client.create("aborted", chain, EchoWorkflows.inputs(1));
    client.await("aborted", Phase.RUNNING::equals);
    client
        .admin()
        .terminateExecution(
            ExecutionTerminateRequest.newBuilder()
                .setId(EngineClient.id("aborted"))
                .setCause("changed my mind")
                .build());

    var closure = client.awaitEnd("aborted").getClosure();
    assertThat(closure.getPhase()).isEqualTo(Phase.ABORTED);
    assertThat(closure.getAbortMetadata().getCause()).isEqualTo("changed my mind");
  }

  @Test
  void relaunchRunsWithTheSameInputs() {
    var chain = workflows.chain("again", List.of(Duration.ZERO));
    client.create("again-1", chain, EchoWorkflows.inputs(5));
    client.awaitEnd("again-1");
    client
        .admin()
        .relaunchExecution(
            ExecutionRelaunchRequest.newBuilder()
                .setId(EngineClient.id("again-1"))
                .setName("again-2")
                .build());

    assertThat(client.awaitEnd("again-2").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("again-2")).isEqualTo(EchoWorkflows.inputs(5));
    assertThat(client.get("again-2").getSpec().getMetadata().getReferenceExecution())
        .isEqualTo(EngineClient.id("again-1"));
  }

  @Test
  void nameIsGivenOnce() {
    var chain = workflows.chain("once", List.of(Duration.ZERO));
    client.create("once", chain, EchoWorkflows.inputs(1));

    assertThatThrownBy(() -> client.create("once", chain, EchoWorkflows.inputs(1)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS));
  }

  @Test
  void longSleepEndsInTime() {
    var chain = workflows.chain("sleepy", List.of(Duration.ZERO, SLEEP, Duration.ZERO));
    client.create("sleepy", chain, EchoWorkflows.inputs(1));

    var closure = client.awaitEnd("sleepy").getClosure();
    assertThat(closure.getPhase()).isEqualTo(Phase.SUCCEEDED);
    var duration = closure.getDuration();
    assertThat(Duration.ofSeconds(duration.getSeconds(), duration.getNanos()))
        .isBetween(SLEEP, SLEEP.plusSeconds(60));
  }

  @Test
  void executionIsSubmittedByOnePost() throws Exception {
    workflows.chain("posted", List.of(Duration.ZERO));
    var body =
        """
        {"project": "flytesnacks", "domain": "development", "name": "posted",
         "spec": {"launchPlan": {"resourceType": "LAUNCH_PLAN", "project": "flytesnacks",
                                 "domain": "development", "name": "posted", "version": "v1"}},
         "inputs": {"literals": {"x": {"scalar": {"primitive": {"integer": "3"}}}}}}
        """;
    var request =
        HttpRequest.newBuilder(engine.address().resolve("/api/v1/executions"))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).contains("\"posted\"");
    }

    assertThat(client.awaitEnd("posted").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
    assertThat(client.outputs("posted")).isEqualTo(EchoWorkflows.inputs(3));
  }

  @Test
  void folderBelongsToOneProcess() throws Exception {
    var rival = engine.rival();

    var said = new String(rival.getInputStream().readAllBytes(), UTF_8);
    assertThat(rival.waitFor()).isEqualTo(1);
    assertThat(said).doesNotContain("ready");
    assertThat(engine.log())
        .containsPattern("turboprop: .* is in use by process \\d+: stop that process");
  }

  @Test
  void rehearsalRunsToItsEnd(@TempDir Path another) throws Exception {
    try (var rehearsing = new EngineProcess(another, "--rehearse", "1").start()) {
      assertThat(rehearsing.awaitEnd()).isZero();
      assertThat(rehearsing.log()).containsPattern("rehearsed with [1-9]\\d* executions");
    }
  }

  @Test
  void whatHasEndedAndWhatRunsAreThereAfterARestart(@TempDir Path another) throws Exception {
    try (var restarted = new EngineProcess(another).start();
        var user = new EngineClient(restarted)) {
      var definitions = new EchoWorkflows(user);
      user.create(
          "over", definitions.chain("short", List.of(Duration.ZERO)), EchoWorkflows.inputs(9));
      user.create("on", definitions.chain("long", List.of(LONG)), EchoWorkflows.inputs(9));
      user.awaitEnd("over");
      user.await("on", Phase.RUNNING::equals);
      assertThat(restarted.stop()).isIn(0, 143);
      assertThat(restarted.log()).doesNotContain("timed out");
      restarted.start();
      user.reconnect();

      assertThat(user.phase("over")).isEqualTo(Phase.SUCCEEDED);
      assertThat(user.outputs("over")).isEqualTo(EchoWorkflows.inputs(9));
      assertThat(user.phase("on")).isEqualTo(Phase.RUNNING);
      assertThat(restarted.log()).doesNotContain(" ERROR ");
    }
  }
}
