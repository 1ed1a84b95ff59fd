package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import io.turboprop.flyteadmin.TestingFlyteAdmin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an execution of which FlyteAdmin takes no events. */
@Tag("integration")
class FlyteAdminAnswersTest {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir private static Path folder;
  private static TestingFlyteAdmin admin;
  private static EngineProcess engine;
  private static EngineClient client;
  private static Identifier sleeping;
  private static Identifier quick;
  private static Identifier failing;

  @BeforeAll
  static void start() throws Exception {
    admin = TestingFlyteAdmin.start();
    var config = folder.resolve("engine.conf");
    Files.writeString(
        config,
        """
        turboprop.flyteadmin {
          endpoint = "%s"
          insecure = true
          executions = all
          cluster-id = east
          raw-output-policy = reference
          events { sweep = 200ms, back-off-min = 20ms, back-off-max = 50ms, unknown-max = 1s, failing-max = 1ms }
        }
        """
            .formatted(admin.endpoint()));
    engine = new EngineProcess(folder, "--config", config.toString()).start();
    client = new EngineClient(engine);
    var workflows = new EchoWorkflows(client);
    sleeping = workflows.chain("sleeping", List.of(LONG));
    quick = workflows.chain("quick", List.of(Duration.ZERO));
    failing = workflows.failing("failing", "Oops", "x".repeat(60_000));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    client.close();
    engine.close();
    admin.close();
  }

  @Test
  void oneThatFlyteAdminDoesNotKnowIsAborted() {
    admin.know(EngineClient.id("unknown"), false);
    create("unknown", sleeping);
    assertThat(abortCause("unknown")).contains("FlyteAdmin does not know the execution");
  }

  @Test
  void oneThatFlyteAdminHasEndedIsAborted() {
    admin.put(EngineClient.id("ended"), Phase.ABORTED);
    create("ended", sleeping);
    assertThat(abortCause("ended")).contains("FlyteAdmin has ended the execution");
    // Its nodes are told all the same.
    Facts.await("the node at FlyteAdmin", SOON, () -> admin.nodes("ended").containsKey("n0"));
  }

  @Test
  void oneThatWasGivenToAnotherClusterIsAborted() {
    admin.giveTo(EngineClient.id("moved"), "west");
    create("moved", sleeping);
    assertThat(abortCause("moved")).contains("another cluster (west)");
    assertThat(admin.nodes("moved")).isEmpty();
  }

  @Test
  void anExecutionThatFlyteAdminDeniesHoldsUpNoOther() {
    var denied = EngineClient.id("denied");
    admin.deny(denied, true);
    create("denied", quick);
    client.awaitEnd("denied");
    create("allowed", quick);
    awaitPhase("allowed", Phase.SUCCEEDED);
    assertThat(admin.phases()).doesNotContainKey("denied");

    admin.deny(denied, false);
    awaitPhase("denied", Phase.SUCCEEDED);
  }

  @Test
  void anEventThatIsTooLargeIsToldWithoutDetails() throws Exception {
    admin.interrupt();
    admin.takeAtMost(40_000);
    admin.resume();
    create("large", failing);
    awaitPhase("large", Phase.FAILED);
    assertThat(admin.error("large").getCode()).isEqualTo("Oops");
    assertThat(admin.error("large").getMessage()).startsWith("xxx").hasSizeLessThan(20_000);
    assertThat(admin.rejections()).isEmpty();
  }

  @Test
  void anEventOnWhichFlyteAdminAlwaysFailsHoldsUpNoOther() {
    admin.failOnRunningNodes(EngineClient.id("failing"));
    create("failing", quick);
    var others = new AtomicInteger();
    Facts.await(
        "the end of the execution at FlyteAdmin",
        SOON,
        () -> {
          // Only failures between which FlyteAdmin has recorded other events count.
          create("other" + others.getAndIncrement(), quick);
          return Phase.SUCCEEDED.equals(admin.phases().get("failing"));
        });
    assertThat(admin.failures()).isGreaterThan(10);
    assertThat(admin.nodes("failing")).containsEntry("n0", NodeExecution.Phase.SUCCEEDED);
  }

  @Test
  void byReferenceOutputsAreFilesThatHoldThem() throws Exception {
    create("referred", quick);
    awaitPhase("referred", Phase.SUCCEEDED);
    var file = Path.of(admin.outputUri("referred"));
    assertThat(flyteidl.core.Literals.LiteralMap.parseFrom(Files.readAllBytes(file)))
        .isEqualTo(EchoWorkflows.inputs(7));
  }

  private static void create(String name, Identifier launchPlan) {
    client.createSurely(name, launchPlan, EchoWorkflows.inputs(7));
  }

  private static void awaitPhase(String name, Phase phase) {
    Facts.await(
        "the end of %s at FlyteAdmin".formatted(name),
        SOON,
        () -> phase.equals(admin.phases().get(name)));
  }

  private static String abortCause(String name) {
    var closure = client.awaitEnd(name).getClosure();
    assertThat(closure.getPhase()).isEqualTo(Phase.ABORTED);
    return closure.getAbortMetadata().getCause();
  }
}
