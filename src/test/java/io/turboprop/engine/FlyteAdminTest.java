package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.turboprop.engine.EchoKinds.Kind;
import io.turboprop.flyteadmin.TestingFlyteAdmin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine behind FlyteAdmin runs executions of every kind. It is killed in the middle of them,
 * and can't reach FlyteAdmin from then on until they have ended.
 */
@Tag("integration")
class FlyteAdminTest {
  private static final Duration SLEEP = Duration.ofSeconds(2);

  /** Sent while most of the executions are under way. */
  private static final int SOME_EVENTS = 40;

  private static final Duration SENT_WITHIN = Duration.ofMinutes(3);

  private static final String KILLED = "k-";
  private static final String UNDISTURBED = "u-";

  @TempDir private static Path folder;
  private static TestingFlyteAdmin admin;
  private static EngineProcess engine;
  private static List<Kind> kinds = List.of();

  @BeforeAll
  static void runAllKinds() throws Exception {
    admin = TestingFlyteAdmin.start();
    var config = folder.resolve("engine.conf");
    Files.writeString(
        config,
        """
        turboprop.flyteadmin {
          endpoint = "%s"
          insecure = true
          executions = all
          children-interval = 1s
          events { sweep = 200ms, back-off-min = 20ms, back-off-max = 300ms, lease = 3s }
        }
        """
            .formatted(admin.endpoint()));
    engine = new EngineProcess(folder, "--config", config.toString()).start();
    try (var client = new EngineClient(engine)) {
      kinds = new EchoKinds(client, SLEEP).all();
      // FlyteAdmin gives executions that it creates to this engine, its only cluster.
      admin.onCreation(request -> create(client, request));
      var killed = new RunningKinds(client, KILLED, kinds).start();
      Facts.await("some events", SENT_WITHIN, () -> admin.requests() > SOME_EVENTS);
      engine.kill();
      admin.interrupt();
      engine.start();
      client.reconnect();
      var undisturbed = new RunningKinds(client, UNDISTURBED, kinds).start();
      new RunningKinds(client, KILLED, withoutChildren()).awaitEnd();
      admin.resume();
      client.awaitEnd(KILLED + "plan");
      undisturbed.awaitEnd();
      awaitAllSent(KILLED);
      awaitAllSent(UNDISTURBED);
    }
  }

  private static void create(EngineClient client, ExecutionCreateRequest request) {
    client.createSurely(request.getName(), request.getSpec().getLaunchPlan(), request.getInputs());
  }

  /** Executions that start no others, which FlyteAdmin has to create. */
  private static List<Kind> withoutChildren() {
    return kinds.stream().filter(kind -> !kind.name().equals("plan")).toList();
  }

  private static void awaitAllSent(String run) {
    Facts.await(
        "the end of all executions at FlyteAdmin",
        SENT_WITHIN,
        () ->
            names(run)
                .allMatch(name ->
                    EngineClient.isFinal(admin.phases().getOrDefault(name, Phase.UNDEFINED))));
  }

  private static Stream<String> names(String run) {
    return Stream.concat(
        kinds.stream().map(kind -> run + kind.name()),
        Stream.of(run + "plan-n0-0", run + "plan-n1-0"));
  }

  @AfterAll
  static void close() throws InterruptedException {
    engine.close();
    admin.close();
  }

  @Test
  void noEventIsRejected() {
    assertThat(admin.rejections()).isEmpty();
    assertThat(engine.log()).doesNotContain(" ERROR ");
  }

  @Test
  void noEventIsSentTwiceUnlessTheEngineDies() {
    names(UNDISTURBED).forEach(name -> assertThat(admin.repeated(name)).as(name).isZero());
    // The kill may repeat the last event.
    names(KILLED).forEach(name -> assertThat(admin.repeated(name)).as(name).isLessThanOrEqualTo(1));
  }

  @Test
  void executionsAndNodesEndAtFlyteAdminAsTheyDoHere() {
    var phases = admin.phases();
    names(KILLED)
        .forEach(name ->
            assertThat(phases.get(name))
                .as(name)
                .isEqualTo(name.endsWith("failure") ? Phase.FAILED : Phase.SUCCEEDED));
    for (var kind : kinds) {
      assertThat(nodes(KILLED + kind.name()))
          .as(kind.name())
          .isEqualTo(nodes(UNDISTURBED + kind.name()));
    }
  }

  private static Map<String, Object> nodes(String execution) {
    return new HashMap<>(admin.nodes(execution));
  }
}
