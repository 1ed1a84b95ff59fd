package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.turboprop.kubernetes.TestingFlyteWorkflows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FlyteWorkflow resources of a cluster, and an engine as a process that runs them. */
@Tag("integration")
@Timeout(300)
class ResourcesTest {
  private static final Duration WITHIN = Duration.ofMinutes(3);
  private static final String NAMESPACE = "flytesnacks-development";
  private static final int SUCCESS = 3;
  private static final int FAILED = 5;
  private static final int ABORTED = 6;

  @TempDir private static Path folder;
  private static TestingFlyteWorkflows cluster;
  private static EngineProcess engine;

  @BeforeAll
  static void start() throws Exception {
    cluster = new TestingFlyteWorkflows();
    var config = folder.resolve("engine.conf");
    Files.writeString(
        config,
        """
        turboprop.kubernetes {
          enabled = true, kubeconfig = "%s", create-flyteworkflow-crd = true, status-interval = 50ms
        }
        """
            .formatted(cluster.kubeconfig(folder)));
    engine = new EngineProcess(folder, "--config", config.toString()).start();
  }

  @AfterAll
  static void stop() throws Exception {
    engine.close();
    cluster.close();
  }

  /** A chain of two echo tasks that sleep. */
  private static JsonObject chain(String name, String sleep) {
    var document =
        """
        {"apiVersion": "flyte.lyft.com/v1alpha1", "kind": "FlyteWorkflow",
         "metadata": {"name": "NAME", "namespace": "flytesnacks-development", "labels": {"project": "flytesnacks"},
                      "finalizers": ["example.com/other"]},
         "executionId": {"project": "flytesnacks", "domain": "development", "name": "NAME"},
         "inputs": {"literals": {}},
         "spec": {"id": "flytesnacks:development:chain",
           "nodes": {
             "start-node": {"id": "start-node", "kind": "start", "resources": {}},
             "n0": {"id": "n0", "kind": "task", "task": "T", "resources": {}},
             "n1": {"id": "n1", "kind": "task", "task": "T", "resources": {}},
             "end-node": {"id": "end-node", "kind": "end", "resources": {}}},
           "connections": {"start-node": ["n0"], "n0": ["n1"], "n1": ["end-node"]}},
         "tasks": {"T": {"id": {"resourceType": "TASK", "project": "flytesnacks", "domain": "development", "name": "t", "version": "v"},
           "type": "echo", "interface": {}, "custom": {"sleep": "SLEEP"}}},
         "executionConfig": {"MaxParallelism": 5}}
        """;
    return JsonParser.parseString(document.replace("NAME", name).replace("SLEEP", sleep))
        .getAsJsonObject();
  }

  private static String resource(String name) {
    return NAMESPACE + "/" + name;
  }

  private static JsonObject await(String name, Predicate<JsonObject> wanted) {
    return Facts.get(
        name + " as it should be", WITHIN, () -> cluster.find(resource(name)).filter(wanted));
  }

  private static int phase(JsonObject resource) {
    var status = resource.getAsJsonObject("status");
    return status == null ? 0 : status.get("phase").getAsInt();
  }

  private static Predicate<JsonObject> is(int phase) {
    return resource -> phase(resource) == phase;
  }

  private static String label(JsonObject resource, String name) {
    return resource.getAsJsonObject("metadata").getAsJsonObject("labels").get(name).getAsString();
  }

  private static String finalizers(JsonObject resource) {
    return resource.getAsJsonObject("metadata").get("finalizers").toString();
  }

  @Test
  void runsToItsEndAndSaysSoInItsStatus() {
    cluster.create(chain("runs", "300ms"));

    var running =
        await(
            "runs",
            resource ->
                finalizers(resource).contains("flyte.org/finalizer") && phase(resource) == 1);
    assertThat(finalizers(running)).contains("example.com/other");
    var ended = await("runs", is(SUCCESS));

    assertThat(cluster.isDefined()).isTrue();
    assertThat(finalizers(ended)).isEqualTo("[\"example.com/other\"]");
    assertThat(label(ended, "termination-status")).isEqualTo("terminated");
    assertThat(label(ended, "completed-time")).matches("\\d{4}-\\d\\d-\\d\\d\\.\\d\\d");
    assertThat(label(ended, "project")).isEqualTo("flytesnacks");
    var status = ended.getAsJsonObject("status");
    assertThat(status.getAsJsonObject("nodeStatus").keySet())
        .containsExactlyInAnyOrder("start-node", "n0", "n1", "end-node");
    assertThat(status.getAsJsonObject("nodeStatus").getAsJsonObject("n1").get("phase").getAsInt())
        .isEqualTo(5);
    assertThat(status.keySet()).contains("startedAt", "stoppedAt", "lastUpdatedAt", "dataDir");
  }

  @Test
  void isTheExecutionThatItNames() throws Exception {
    cluster.create(chain("named", "1ms"));
    await("named", is(SUCCESS));

    try (var client = new EngineClient(engine)) {
      var execution = client.get("named");
      assertThat(execution.getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
      assertThat(execution.getSpec().getMaxParallelism()).isEqualTo(5);
      assertThat(execution.getClosure().getWorkflowId().getName()).isEqualTo("chain");
    }
  }

  @Test
  void aDeletedOneIsAborted() throws Exception {
    cluster.create(chain("deleted", "1h"));
    await("deleted", is(1));
    cluster.delete(resource("deleted"));

    var ended = await("deleted", is(ABORTED));

    assertThat(finalizers(ended)).isEqualTo("[\"example.com/other\"]");
    try (var client = new EngineClient(engine)) {
      assertThat(client.phase("deleted")).isEqualTo(Phase.ABORTED);
    }
  }

  @Test
  void anInvalidOneFailsAndSaysWhy() {
    var invalid = chain("invalid", "1ms");
    invalid.getAsJsonObject("tasks").remove("T");
    cluster.create(invalid);

    var status = await("invalid", is(FAILED)).getAsJsonObject("status");

    assertThat(status.get("message").getAsString()).contains("spec.nodes.n0.task");
    assertThat(status.getAsJsonObject("error").get("code").getAsString())
        .isEqualTo("BadSpecificationError");
    assertThat(label(await("invalid", is(FAILED)), "termination-status")).isEqualTo("terminated");
  }

  @ParameterizedTest
  @CsvSource({"project, a:b", "domain, ..", "name, ../other"})
  void anIdentifierThatNoExecutionCanHaveIsRefused(String field, String value) {
    var resource = "identifier-" + field;
    var document = chain(resource, "1ms");
    document.getAsJsonObject("executionId").addProperty(field, value);
    cluster.create(document);

    var status = await(resource, is(FAILED)).getAsJsonObject("status");

    assertThat(status.get("message").getAsString()).contains("executionId." + field, value);
  }

  @Test
  void oneThatFlytePropellerHasEndedIsLeftAlone() {
    var ended = chain("before", "1ms");
    ended.add("status", JsonParser.parseString("{phase: 3, message: done}"));
    cluster.create(ended);
    cluster.create(chain("after", "1ms"));
    await("after", is(SUCCESS));

    assertThat(cluster.statuses(resource("before"))).hasSize(1);
  }

  @Test
  void oneThatFlytePropellerHasBegunGoesOnWhereItWas() {
    var begun = chain("begun", "1ms");
    begun.add(
        "status",
        JsonParser.parseString(
            "{phase: 1, startedAt: '2026-01-01T00:00:00Z', dataDir: '%s/old',"
                    .formatted(engine.data().resolve("blobs"))
                + " nodeStatus: {start-node: {phase: 5}, n0: {phase: 5, attempts: 1},"
                + " n1: {phase: 2}}}"));
    cluster.create(begun);

    var nodes = await("begun", is(SUCCESS)).getAsJsonObject("status").getAsJsonObject("nodeStatus");

    assertThat(nodes.getAsJsonObject("n0").get("phase").getAsInt()).isEqualTo(12);
    assertThat(nodes.getAsJsonObject("n1").get("phase").getAsInt()).isEqualTo(5);
  }

  @Test
  void oneThatFlytePropellerWasFailingFails() {
    var failing = chain("failing", "1ms");
    failing.add("status", JsonParser.parseString("{phase: 4, startedAt: '2026-01-01T00:00:00Z'}"));
    cluster.create(failing);

    var status = await("failing", is(FAILED)).getAsJsonObject("status");

    assertThat(status.getAsJsonObject("error").get("code").getAsString())
        .isEqualTo("InterruptedByMigration");
  }

  @Test
  void oneThatIsMadeAgainUnderTheSameNameRunsAgain() {
    var first = chain("again", "1ms");
    first.getAsJsonObject("metadata").remove("finalizers");
    cluster.create(first);
    await("again", is(SUCCESS));
    cluster.delete(resource("again"));
    cluster.create(first);

    await("again", is(SUCCESS));

    assertThat(
            cluster.statuses(resource("again")).stream()
                .map(status -> status.get("dataDir"))
                .filter(Objects::nonNull)
                .distinct())
        .hasSize(2);
  }

  @Test
  void eachRunsOnceThoughTheEngineIsKilledAndTheWatchIsLost() throws Exception {
    var names = IntStream.range(0, 20).mapToObj(i -> "killed" + i).toList();
    names.forEach(name -> cluster.create(chain(name, "700ms")));
    await("killed3", is(1));
    engine.kill();
    cluster.create(chain("meanwhile", "1ms"));
    cluster.delete(resource("killed7"));
    cluster.forgetHistory();
    engine.start();

    await("meanwhile", is(SUCCESS));
    for (var name : names) {
      await(name, is(name.equals("killed7") ? ABORTED : SUCCESS));
    }
    try (var client = new EngineClient(engine)) {
      var executions = client.list().orElseThrow();
      assertThat(executions.stream().map(execution -> execution.getId().getName()))
          .doesNotHaveDuplicates()
          .containsAll(names.stream().filter(name -> !name.equals("killed7")).toList())
          .noneMatch(name -> name.startsWith("killed") && name.contains("-"));
    }
    assertThat(engine.log()).doesNotContain(" ERROR ");
  }

  @Test
  void aStatusThatWouldBeTooLargeIsShortened() {
    var failing = chain("wide", "1ms");
    failing
        .getAsJsonObject("tasks")
        .getAsJsonObject("T")
        .getAsJsonObject("custom")
        .add("fail", JsonParser.parseString("{message: %s}".formatted("long".repeat(10_000))));
    cluster.create(failing);
    cluster.limit(failing.toString().length() + 8_000);
    try {
      var error = await("wide", is(FAILED)).getAsJsonObject("status").getAsJsonObject("error");
      assertThat(error.get("message").getAsString()).contains("Message Truncated");
    } finally {
      cluster.limit(Integer.MAX_VALUE);
    }
  }
}
