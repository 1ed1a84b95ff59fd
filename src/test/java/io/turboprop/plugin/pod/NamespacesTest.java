package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TestingRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Namespaces and what templates give them, against an API server in memory. */
class NamespacesTest {
  private static final String NAMESPACE = "/api/v1/namespaces/flytesnacks-development";
  private static final String QUOTA = NAMESPACE + "/resourcequotas/project-quota";
  private static final String BINDING =
      "/apis/rbac.authorization.k8s.io/v1/namespaces/flytesnacks-development/rolebindings/tasks-of-flytesnacks";

  @TempDir Path folder;
  private Path templates;
  private TestingKubernetes kubernetes;
  private final List<PodPlugin> plugins = new ArrayList<>();
  private final TestingRecords records = new TestingRecords();
  private volatile Instant now = Instant.now();

  @BeforeEach
  void start() throws IOException {
    kubernetes = new TestingKubernetes();
    kubernetes.needNamespaces();
    templates = Files.createDirectory(folder.resolve("templates"));
    template(
        "quota.yaml",
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata:
          name: project-quota
        spec:
          hard: {limits.cpu: {{ projectQuotaCpu }}, limits.memory: "{{ projectQuotaMemory }}"}
        """);
    template(
        "roles.yaml",
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: default, namespace: "{{ namespace }}"}
        imagePullSecrets: [{name: registry}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: "tasks-of-{{ project }}"}
        """);
  }

  @AfterEach
  void stop() {
    plugins.forEach(PodPlugin::close);
    kubernetes.close();
  }

  private void template(String file, String text) throws IOException {
    Files.writeString(templates.resolve(file), text);
  }

  private PodPlugin plugin(String more) throws IOException {
    var settings =
        """
        kubeconfig = "%s", request-timeout = 5s, retry-after = 5ms, retry-after-max = 20ms
        create-namespaces = true
        namespace-templates {
          folder = "%s"
          values { projectQuotaCpu = 1, projectQuotaMemory = 1Gi }
          domain-values { development { projectQuotaCpu = 2, projectQuotaMemory = 2Gi } }
        }
        %s
        """
            .formatted(kubernetes.kubeconfig(folder), templates, more);
    var made =
        PodPluginProvider.create(
            TargetClusters.DEFAULT,
            PodPhasesTest.settings(settings),
            new TaskPluginEnvironment(
                new MemoryDataStore(),
                Map.of(),
                folder,
                "http://127.0.0.1:1",
                records,
                ((InstantSource) () -> now).withZone(ZoneOffset.UTC),
                new SimpleMeterRegistry()));
    plugins.add(made);
    return made;
  }

  private static <T> T got(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static Running handle(PodPlugin plugin, TestingAttempt attempt) {
    return (Running) got(plugin.handle(attempt, ByteString.EMPTY));
  }

  /** Calls the plugin until the pod is created, some seconds later each time. */
  private Running untilCreated(PodPlugin plugin, TestingAttempt attempt)
      throws InterruptedException {
    var reasons = new ArrayList<String>();
    while (reasons.size() < 200) {
      var running = handle(plugin, attempt);
      if (running.phase() == TaskPhase.QUEUED) {
        return running;
      }
      reasons.add(reason(running));
      now = now.plus(Duration.ofSeconds(10));
      attempt.awaitNews(Duration.ofMillis(10));
    }
    throw new AssertionError("the attempt waits: " + reasons.getLast());
  }

  private static String reason(Running running) {
    return running.info().reason().orElse("");
  }

  @Test
  void namespaceGetsWhatTheTemplatesSayBeforeItsFirstPod() throws IOException {
    records.clusterResources = Map.of("projectQuotaCpu", "7", "namespace", "ignored");
    var plugin = plugin("");

    assertThat(handle(plugin, TestingAttempt.ofContainer("exec")).phase())
        .isEqualTo(TaskPhase.QUEUED);

    assertThat(kubernetes.namespaces()).containsExactly("flytesnacks-development");
    assertThat(kubernetes.applied().keySet())
        .containsExactlyInAnyOrder(NAMESPACE + "/serviceaccounts/default", QUOTA, BINDING);
    assertThat(kubernetes.applied().get(QUOTA))
        .isEqualTo(
            JsonParser.parseString(
                """
                {apiVersion: v1, kind: ResourceQuota,
                 metadata: {name: project-quota, namespace: flytesnacks-development},
                 spec: {hard: {"limits.cpu": 7, "limits.memory": "2Gi"}}}
                """));
  }

  @Test
  void manyPodsAtOncePrepareTheirNamespaceOnce() throws IOException {
    var plugin = plugin("requests-per-second = 5000, requests-burst = 5000");
    var stages =
        IntStream.range(0, 50)
            .mapToObj(number ->
                plugin.handle(TestingAttempt.ofContainer("exec" + number), ByteString.EMPTY))
            .toList();

    stages.forEach(stage -> assertThat(((Running) got(stage)).phase()).isEqualTo(TaskPhase.QUEUED));
    assertThat(kubernetes.requests("apply")).isEqualTo(3);
    assertThat(kubernetes.requests("create namespace")).isEqualTo(1);
  }

  @Test
  void changedValuesAreAppliedAfterAWhile() throws IOException {
    var plugin = plugin("");
    handle(plugin, TestingAttempt.ofContainer("first"));
    records.clusterResources = Map.of("projectQuotaCpu", "9");
    handle(plugin, TestingAttempt.ofContainer("second"));
    assertThat(kubernetes.requests("apply")).isEqualTo(3);

    now = now.plus(Duration.ofMinutes(6));
    handle(plugin, TestingAttempt.ofContainer("third"));

    assertThat(
            kubernetes
                .applied()
                .get(QUOTA)
                .getAsJsonObject("spec")
                .getAsJsonObject("hard")
                .get("limits.cpu")
                .getAsInt())
        .isEqualTo(9);
  }

  @Test
  void namespaceThatSomebodyHasDeletedIsMadeAgain() throws IOException {
    var plugin = plugin("");
    handle(plugin, TestingAttempt.ofContainer("first"));
    kubernetes.removeNamespace("flytesnacks-development");

    assertThat(handle(plugin, TestingAttempt.ofContainer("second")).phase())
        .isEqualTo(TaskPhase.QUEUED);
    assertThat(kubernetes.applied()).hasSize(3);
  }

  @Test
  void templateOfTheNamespaceItselfMakesIt() throws IOException {
    template(
        "aa.yaml",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: "{{ namespace }}", labels: {team: "{{ project }}"}}
        """);
    var plugin = plugin("");

    assertThat(handle(plugin, TestingAttempt.ofContainer("exec")).phase())
        .isEqualTo(TaskPhase.QUEUED);

    assertThat(kubernetes.applied()).containsKey(NAMESPACE).hasSize(4);
    assertThat(kubernetes.requests("create namespace")).isZero();
  }

  @Test
  void namespaceWithoutTemplatesIsMadeWhenAPodNeedsIt() throws IOException {
    var plugin = plugin("namespace-templates.folder = \"\"");

    assertThat(handle(plugin, TestingAttempt.ofContainer("exec")).phase())
        .isEqualTo(TaskPhase.QUEUED);
    assertThat(handle(plugin, TestingAttempt.ofContainer("other")).phase())
        .isEqualTo(TaskPhase.QUEUED);

    assertThat(kubernetes.requests("create namespace")).isEqualTo(1);
    assertThat(kubernetes.requests("create")).isEqualTo(3);
  }

  @Test
  void problemOfATemplateHoldsTheTaskUntilItIsSolved() throws Exception {
    template("quota.yaml", QUOTA_OF_A_TEAM);
    var plugin = plugin("");
    var attempt = TestingAttempt.ofContainer("exec");

    var waiting = handle(plugin, attempt);
    assertThat(waiting.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    assertThat(reason(waiting))
        .isEqualTo(
            "the namespace flytesnacks-development is not ready for pods: template quota.yaml:1: there is no value for team:"
                + " set one in turboprop.plugins.pod.namespace-templates.values, or as a CLUSTER_RESOURCE attribute of the project");
    assertThat(kubernetes.names()).isEmpty();

    records.clusterResources = Map.of("team", "blue");
    now = now.plus(Duration.ofMinutes(1));
    assertThat(handle(plugin, attempt).phase()).isEqualTo(TaskPhase.QUEUED);
  }

  private static final String QUOTA_OF_A_TEAM =
      """
      apiVersion: v1
      kind: ResourceQuota
      metadata: {name: "{{ team }}"}
      """;

  @Test
  void refusalOfAnObjectHoldsTheTask() throws IOException {
    template("quota.yaml", QUOTA_OF_A_TEAM.replace("{{ team }}", "a") + "spec: {bad: 1}\n");

    assertThat(reason(handle(plugin(""), TestingAttempt.ofContainer("exec"))))
        .endsWith(
            "template quota.yaml:1: ResourceQuota cannot be applied: spec.bad: unknown field");
  }

  @Test
  void kindThatTheClusterDoesNotKnowHoldsTheTask() throws IOException {
    template("other.yaml", "{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}");
    template("another.yaml", "{apiVersion: v1, kind: TokenRequest, metadata: {name: a}}");
    var plugin = plugin("");

    assertThat(reason(handle(plugin, TestingAttempt.ofContainer("exec"))))
        .endsWith("template another.yaml:1: the cluster does not know TokenRequest of v1");
    assertThat(kubernetes.names()).isEmpty();
  }

  @Test
  void outageOfTheApiServerHoldsTheTask() throws Exception {
    var plugin = plugin("");
    kubernetes.stop();
    var attempt = TestingAttempt.ofContainer("exec");

    var waiting = handle(plugin, attempt);
    assertThat(waiting.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    assertThat(reason(waiting)).startsWith("the Kubernetes API does not answer");

    kubernetes.start();
    untilCreated(plugin, attempt);
    assertThat(kubernetes.applied()).hasSize(3);
  }
}
