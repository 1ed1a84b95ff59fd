package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.TaskTemplate;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
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

  @TempDir static Path folder;
  private static PodPlugin plugin;
  private static Pods pods;

  @BeforeAll
  static void start() throws Exception {
    Shared.path("k8s/up");
    assumeTrue(
        isBuilt(), "the programs of a cluster are not built; ../shared/k8s/build builds them");
    control("up");
    plugin = plugin("");
    var settings = settings("");
    pods =
        new KubernetesPods(
            new KubernetesClient(
                settings.cluster().access(),
                Map.of(),
                new RequestMeters(new SimpleMeterRegistry(), "test")),
            settings);
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
            _ -> Optional.empty(),
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
        case TaskTransition.LookAgain.WhenTold _, TaskTransition.LookAgain.At _ ->
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
}
