package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.TaskTemplate;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.Shared;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.RequestMeters;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.plugin.TestingRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The plugin against a real API server with simulated nodes ({@code ../shared/k8s}), whose pods end
 * as the name of their image says.
 */
@Tag("integration")
@Timeout(120)
class RealApiServerTest {
  private static final List<String> PROGRAMS =
      List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok");

  /** Attempts that begin before the API server has learnt of a rule. */
  private static final int ATTEMPTS_MAX = 1000;

  @TempDir static Path folder;
  private static PodPlugin plugin;
  private static KubernetesClient admin;
  private static Pods pods;

  @BeforeAll
  static void start() throws Exception {
    Shared.path("k8s/up");
    assumeTrue(
        isBuilt(), "the programs of a cluster are not built; ../shared/k8s/build builds them");
    control("up");
    plugin = plugin("");
    var settings = settings("");
    admin =
        new KubernetesClient(
            settings.cluster().access(),
            Map.of(),
            new RequestMeters(new SimpleMeterRegistry(), "test"));
    pods = pods(admin, settings);
  }

  private static KubernetesPods pods(KubernetesClient client, PodSettings settings) {
    return new KubernetesPods(
        client, settings, new Namespaces(client, settings, (_, _) -> Map.of(), Clock.systemUTC()));
  }

  @AfterAll
  static void stop() throws Exception {
    if (plugin != null) {
      plugin.close();
      pods.close();
      control("down", "--purge");
    }
  }

  /** Building the programs takes minutes, which no test should. */
  private static boolean isBuilt() throws IOException {
    var cache =
        Path.of(
            Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .orElse(System.getProperty("user.home") + "/.cache"),
            "turboprop-k8s");
    if (!Files.isDirectory(cache)) {
      return false;
    }
    try (Stream<Path> versions = Files.list(cache)) {
      return versions
          .map(version -> version.resolve("bin"))
          .anyMatch(
              bin -> PROGRAMS.stream().allMatch(program -> Files.exists(bin.resolve(program))));
    }
  }

  private static void control(String command, String... arguments) throws Exception {
    var line = new ArrayList<String>();
    line.add(Shared.path("k8s/" + command).toString());
    line.addAll(List.of(arguments));
    line.add(folder.resolve("cluster").toString());
    var process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(command + ".log").toFile())
            .start();
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(command + ": " + Files.readString(folder.resolve(command + ".log")));
    }
  }

  private static PodSettings settings(String settings) {
    return PodPhasesTest.settings(
        """
        kubeconfig = "%s", create-namespaces = true, image-pull-backoff-grace-period = 1s
        pod-pending-timeout = 1m, default-cpus = 1m, default-memory = 1Mi
        back-off.base = 100ms, retry-after-max = 500ms
        """
                .formatted(folder.resolve("cluster/kubeconfig"))
            + settings);
  }

  private static PodPlugin plugin(String settings) throws IOException {
    return PodPluginProvider.create(
        TargetClusters.DEFAULT,
        settings(settings),
        new TaskPluginEnvironment(
            new MemoryDataStore(),
            Map.of(),
            folder,
            "http://127.0.0.1:1",
            new TestingRecords(),
            Clock.systemUTC(),
            new SimpleMeterRegistry()));
  }

  private static TestingAttempt attempt(String execution, String outcome) {
    var attempt = new TestingAttempt(execution, "n0", 0);
    attempt.template =
        TaskTemplate.newBuilder()
            .setType("python-task")
            .setId(TestingAttempt.identifier(ResourceType.TASK, "module.task"))
            .setContainer(Container.newBuilder().setImage("outcome.test/" + outcome + ":1"))
            .build();
    return attempt;
  }

  private static <T> T got(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Calls the plugin as the engine does, until the attempt has ended; finishes it. */
  private static TaskTransition run(TestingAttempt attempt) throws InterruptedException {
    return run(plugin, attempt);
  }

  private static TaskTransition run(PodPlugin plugin, TestingAttempt attempt)
      throws InterruptedException {
    var state = ByteString.EMPTY;
    while (true) {
      var transition = got(plugin.handle(attempt, state));
      if (!(transition instanceof Running running)) {
        got(plugin.finish(attempt, state));
        return transition;
      }
      state = running.state();
      switch (running.lookAgain()) {
        case TaskTransition.LookAgain.After(var delay) -> attempt.awaitNews(delay);
        case TaskTransition.LookAgain.WhenNotified _, TaskTransition.LookAgain.At _ ->
            attempt.awaitNews();
      }
    }
  }

  private static ExecutionError failure(String execution, String outcome)
      throws InterruptedException {
    return ((Failed) run(attempt(execution, outcome))).error();
  }

  private static Optional<ObservedPod> pod(TestingAttempt attempt) throws IOException {
    return pods.find(new PodKey("flytesnacks-development", attempt.generatedName()));
  }

  @Test
  void outcomesOfPodsAreThoseOfTheirAttempts() throws Exception {
    assertThat(run(attempt("ok", "succeed"))).isInstanceOf(Succeeded.class);
    assertThat(failure("fails", "fail"))
        .returns("Interrupted", ExecutionError::code)
        .returns(ExecutionError.Kind.SYSTEM, ExecutionError::kind);
    assertThat(failure("oom", "oom"))
        .returns("OOMKilled", ExecutionError::code)
        .returns(ExecutionError.Kind.USER, ExecutionError::kind);
    // The simulated kubelet kills the container of an evicted pod, and that is what counts.
    assertThat(failure("evicted", "evict"))
        .returns("Interrupted", ExecutionError::code)
        .returns(ExecutionError.Kind.SYSTEM, ExecutionError::kind);
    assertThat(failure("noimage", "image-pull").code()).contains("ImagePullBackOff");
  }

  @Test
  void aPodThatDoesNotStartInTimeIsDeleted() throws Exception {
    try (var impatient = plugin("pod-pending-timeout = 1s")) {
      var transition = run(impatient, attempt("pending", "pending"));
      assertThat(((Failed) transition).error().code()).isEqualTo("PodPendingTimeout");
    }
    assertThat(pod(attempt("pending", "pending")).filter(left -> !left.deleting())).isEmpty();
  }

  @Test
  void podThatDisappearsIsAFaultOfThePlatform() throws Exception {
    var attempt = attempt("vanishes", "run");
    var state = ((Running) got(plugin.handle(attempt, ByteString.EMPTY))).state();
    pods.delete(pod(attempt).orElseThrow());

    while (true) {
      if (got(plugin.handle(attempt, state)) instanceof Failed(var error, _, _)) {
        assertThat(error.code()).isIn("ResourceDeletedExternally", "UnexpectedObjectDeletion");
        return;
      }
      attempt.awaitNews();
    }
  }

  @Test
  void abortLeavesNoPod() throws Exception {
    var attempt = attempt("aborted", "run");
    var state = ((Running) got(plugin.handle(attempt, ByteString.EMPTY))).state();

    got(plugin.abort(attempt, state));
    got(plugin.finish(attempt, state));

    assertThat(pod(attempt).filter(left -> !left.deleting())).isEmpty();
  }

  @Test
  void twoHundredPodsAtOnce() throws Exception {
    var attempts = IntStream.range(0, 200).mapToObj(i -> attempt("many" + i, "succeed")).toList();
    var started =
        attempts.stream().map(attempt -> plugin.handle(attempt, ByteString.EMPTY)).toList();
    started.forEach(RealApiServerTest::got);

    for (var attempt : attempts) {
      assertThat(run(attempt)).isInstanceOf(Succeeded.class);
    }
  }

  @Test
  void apiServerMayStopAndStart() throws Exception {
    var before = attempt("before", "run");
    var state = ((Running) got(plugin.handle(before, ByteString.EMPTY))).state();
    control("down");
    var meanwhile = attempt("meanwhile", "succeed");
    assertThat(((Running) got(plugin.handle(meanwhile, ByteString.EMPTY))).phase())
        .isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    control("up");

    assertThat(run(meanwhile)).isInstanceOf(Succeeded.class);
    assertThat(got(plugin.handle(before, state))).isInstanceOf(Running.class);
    got(plugin.abort(before, state));
  }

  private static TaskPhase phase(PodPlugin plugin, TestingAttempt attempt) {
    return ((Running) got(plugin.handle(attempt, ByteString.EMPTY))).phase();
  }

  /** Sends an object as it is written in YAML; with {@code PUT} it replaces the one at the path. */
  private static void send(String method, String path, String yaml) throws IOException {
    var body = JsonParser.parseString(new YAMLMapper().readTree(yaml).toString());
    admin
        .send(
            "create",
            api ->
                api.getApiClient()
                    .buildCall(
                        null,
                        path,
                        method,
                        List.of(),
                        List.of(),
                        body,
                        new HashMap<>(Map.of("Content-Type", "application/json")),
                        new HashMap<>(),
                        new HashMap<>(),
                        new String[] {"BearerToken"},
                        null))
        .orFail(method + " " + path);
  }

  @Test
  void quotaThatIsUsedUpMakesTasksWait() throws Exception {
    send("POST", "/api/v1/namespaces", "metadata: {name: quota}");
    // No controller counts here, so the test says what the controller would.
    send(
        "POST",
        "/api/v1/namespaces/quota/resourcequotas",
        "{metadata: {name: q}, spec: {hard: {pods: 1}}}");
    status("{hard: {pods: '1'}}");
    try (var plugin = plugin("namespace = quota")) {
      assertThat(untilItWaits(plugin, "uncounted").reason()).contains("status unknown for quota");
    }
    status("{hard: {pods: '1'}, used: {pods: '0'}}");
    try (var plugin = plugin("namespace = quota")) {
      assertThat(phase(plugin, attempt("takes", "run"))).isEqualTo(TaskPhase.QUEUED);
      var waits = untilItWaits(plugin, "waits");
      assertThat(waits.reason()).contains("exceeded quota: q, requested: pods=1");
      status("{hard: {pods: '1'}, used: {pods: '0'}}");

      assertThat(run(plugin, waits.attempt())).isInstanceOf(Succeeded.class);
    }
  }

  /** An attempt that has to wait. */
  private record Waiting(TestingAttempt attempt, String reason) {}

  /** Begins attempts until one has to wait: the API server takes a moment to learn of a rule. */
  private static Waiting untilItWaits(PodPlugin plugin, String execution) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      var attempt = attempt(execution + i, "succeed");
      var running = (Running) got(plugin.handle(attempt, ByteString.EMPTY));
      if (running.phase() == TaskPhase.WAITING_FOR_RESOURCES) {
        return new Waiting(attempt, running.info().reason().orElseThrow());
      }
    }
    throw new AssertionError("no attempt has to wait");
  }

  private static void status(String status) throws IOException {
    send(
        "PUT",
        "/api/v1/namespaces/quota/resourcequotas/q/status",
        "{metadata: {name: q, namespace: quota}, status: %s}".formatted(status));
  }

  @Test
  void policyThatRefusesFailsTheTask() throws Exception {
    send(
        "POST",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
        """
        metadata: {name: refuses}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
          validations: [{expression: "false", message: no pods on Mondays}]
        """);
    send(
        "POST",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
        """
        metadata: {name: refuses}
        spec:
          policyName: refuses
          validationActions: [Deny]
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: refused}}}
        """);
    try (var plugin = plugin("namespace = refused")) {
      // The API server takes a moment to learn of a policy.
      for (int i = 0; i < ATTEMPTS_MAX; i++) {
        if (run(plugin, attempt("refused" + i, "succeed")) instanceof Failed(var error, _, _)) {
          assertThat(error)
              .returns("BadTaskFormat", ExecutionError::code)
              .returns(ExecutionError.Kind.USER, ExecutionError::kind);
          assertThat(error.message()).contains("no pods on Mondays");
          return;
        }
      }
      throw new AssertionError("no attempt is refused");
    }
  }

  @Test
  void webhookThatIsAwayMakesTasksWait() throws Exception {
    send(
        "POST",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        """
        metadata: {name: away}
        webhooks:
        - name: away.test.io
          clientConfig: {url: "https://127.0.0.1:1/"}
          rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: hooked}}
          failurePolicy: Fail
          sideEffects: None
          admissionReviewVersions: [v1]
        """);
    try (var plugin = plugin("namespace = hooked")) {
      var waits = untilItWaits(plugin, "hooked");
      assertThat(waits.reason()).contains("failed calling webhook");
      send(
          "DELETE",
          "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/away",
          "{}");

      assertThat(run(plugin, waits.attempt())).isInstanceOf(Succeeded.class);
    }
  }

  @Test
  void tokenThatIsNoLongerGoodIsReadAgain() throws Exception {
    send(
        "POST",
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        """
        metadata: {name: engine}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{kind: ServiceAccount, name: engine, namespace: default}]
        """);
    var file = folder.resolve("token-kubeconfig");
    newToken(file);
    try (var plugin = plugin("namespace = token, kubeconfig = \"%s\"".formatted(file))) {
      assertThat(run(plugin, attempt("accepted", "succeed"))).isInstanceOf(Succeeded.class);
      send("DELETE", "/api/v1/namespaces/default/serviceaccounts/engine", "{}");
      awaitRefusal(file);
      var waits = untilItWaits(plugin, "token");
      assertThat(waits.reason()).contains("does not take the credentials");
      newToken(file);

      assertThat(run(plugin, waits.attempt())).isInstanceOf(Succeeded.class);
    }
  }

  /**
   * Returns when the API server, which remembers good tokens for some seconds, refuses this one.
   */
  private static void awaitRefusal(Path kubeconfig) throws IOException {
    var settings = settings("kubeconfig = \"%s\"".formatted(kubeconfig));
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    try (var refused =
        pods(
            new KubernetesClient(
                settings.cluster().access(),
                Map.of(),
                new RequestMeters(new SimpleMeterRegistry(), "test")),
            settings)) {
      assertThatIOException()
          .isThrownBy(() -> {
            while (System.nanoTime() < end) {
              refused.find(new PodKey("default", "none"));
            }
          })
          .withMessageContaining("does not take the credentials");
    }
  }

  /** Makes the account anew, and a kubeconfig with a token of it. */
  private static void newToken(Path file) throws IOException {
    send("POST", "/api/v1/namespaces/default/serviceaccounts", "metadata: {name: engine}");
    var request =
        new AuthenticationV1TokenRequest()
            .spec(new V1TokenRequestSpec().audiences(List.of()).expirationSeconds(600L));
    var token =
        admin
            .send(
                "create",
                api ->
                    api.createNamespacedServiceAccountToken("engine", "default", request)
                        .buildCall(null))
            .orFail("no token")
            .body()
            .getAsJsonObject("status")
            .get("token")
            .getAsString();
    var config = new YAMLMapper().readTree(folder.resolve("cluster/kubeconfig").toFile());
    for (var user : config.get("users")) {
      ((ObjectNode) user).set("user", new YAMLMapper().createObjectNode().put("token", token));
    }
    Files.writeString(file, config.toString());
  }
}
