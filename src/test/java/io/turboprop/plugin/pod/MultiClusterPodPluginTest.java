package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.MemoryDataStore;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin with two clusters, against two API servers in memory. */
class MultiClusterPodPluginTest {
  @TempDir Path folder;
  private SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private TestingKubernetes cpu;
  private TestingKubernetes gpu;
  private final List<MultiClusterPodPlugin> plugins = new ArrayList<>();
  private MultiClusterPodPlugin plugin;

  @BeforeEach
  void start() throws IOException {
    cpu = new TestingKubernetes();
    gpu = new TestingKubernetes();
    plugin = plugin(both(""));
  }

  @AfterEach
  void stop() {
    plugins.forEach(MultiClusterPodPlugin::close);
    cpu.close();
    gpu.close();
  }

  private static String kubeconfig(TestingKubernetes kubernetes, Path folder) throws IOException {
    return kubernetes.kubeconfig(Files.createDirectories(folder)).toString();
  }

  /** Settings for both clusters. */
  private String both(String more) throws IOException {
    return """
    clusters { default.labels = [cpu], gpu { kubeconfig = "%s", labels = [gpu] } }
    %s
    """
        .formatted(kubeconfig(gpu, folder.resolve("gpu")), more);
  }

  private MultiClusterPodPlugin plugin(String settings) throws IOException {
    var all =
        """
        kubeconfig = "%s", request-timeout = 5s, back-off.base = 1ms, retry-after = 5ms, retry-after-max = 20ms
        requests-per-second = 5000, requests-burst = 5000
        """
            .formatted(kubeconfig(cpu, folder.resolve("cpu")));
    metrics = new SimpleMeterRegistry();
    var made =
        PodPluginProvider.create(
            TargetClusters.from(
                ConfigFactory.parseString(all + settings)
                    .withFallback(
                        ConfigFactory.parseResources("reference.conf")
                            .getConfig("turboprop.plugins.pod"))
                    .resolve()),
            new TaskPluginEnvironment(
                new MemoryDataStore(),
                Map.of(),
                folder,
                "http://127.0.0.1:1",
                new TestingRecords(),
                Clock.systemUTC(),
                metrics));
    plugins.add(made);
    return made;
  }

  private static TestingAttempt attempt(String execution, String label) {
    var attempt = TestingAttempt.ofContainer(execution);
    attempt.clusterLabel = label;
    return attempt;
  }

  private static PodKey key(TestingAttempt attempt) {
    return new PodKey("flytesnacks-development", attempt.generatedName());
  }

  private static <T> T got(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Calls the plugin as the engine does, until the answer is of a kind. */
  private <T extends TaskTransition> T await(
      Class<T> kind, Predicate<T> condition, TestingAttempt attempt, ByteString first)
      throws InterruptedException {
    var state = first;
    while (true) {
      var transition = got(plugin.handle(attempt, state));
      if (kind.isInstance(transition) && condition.test(kind.cast(transition))) {
        return kind.cast(transition);
      }
      var running = (Running) transition;
      state = running.state();
      switch (running.lookAgain()) {
        case TaskTransition.LookAgain.After(var delay) -> attempt.awaitNews(delay);
        case TaskTransition.LookAgain.WhenNotified _ -> attempt.awaitNews();
        case TaskTransition.LookAgain.At _ -> {}
      }
    }
  }

  private Running started(TestingAttempt attempt) throws InterruptedException {
    return await(
        Running.class, told -> told.phase() == TaskPhase.QUEUED, attempt, ByteString.EMPTY);
  }

  private static String reason(Running running) {
    return running.info().reason().orElse("");
  }

  @Test
  void tasksRunInTheClusterOfTheirLabel() throws Exception {
    var large = attempt("large", "gpu");
    var small = attempt("small", "cpu");
    var ofLarge = started(large);
    var ofSmall = started(small);

    assertThat(gpu.names()).containsExactly(key(large));
    assertThat(cpu.names()).containsExactly(key(small));

    gpu.status(key(large), "{phase: Succeeded}");
    cpu.status(key(small), "{phase: Succeeded}");
    await(Succeeded.class, _ -> true, large, ofLarge.state());
    await(Succeeded.class, _ -> true, small, ofSmall.state());
  }

  @Test
  void clusterThatIsAwayHoldsItsTasksAndNoOthers() throws Exception {
    var running = attempt("running", "gpu");
    var stateOfRunning = started(running).state();
    gpu.stop();

    var waiting = attempt("waiting", "gpu");
    var held =
        await(
            Running.class,
            told -> reason(told).startsWith("cluster gpu: the Kubernetes API does not answer"),
            waiting,
            ByteString.EMPTY);
    assertThat(held.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    var other = attempt("other", "cpu");
    var stateOfOther = started(other).state();
    cpu.status(key(other), "{phase: Succeeded}");
    await(Succeeded.class, _ -> true, other, stateOfOther);
    assertThat(((Running) got(plugin.handle(running, stateOfRunning))).phase())
        .isEqualTo(TaskPhase.QUEUED);

    gpu.start();
    await(Running.class, told -> told.phase() == TaskPhase.QUEUED, waiting, held.state());
    assertThat(gpu.names()).containsExactlyInAnyOrder(key(running), key(waiting));
    assertThat(cpu.names()).containsExactly(key(other));
  }

  @Test
  void attemptIsFoundInItsClusterAfterTheSettingsHaveChanged() throws Exception {
    var attempt = attempt("exec", "gpu");
    var state = started(attempt).state();
    plugin.close();
    plugin = plugin(both("clusters.gpu { labels = [], weight = 0 }"));

    gpu.status(key(attempt), "{phase: Succeeded}");

    await(Succeeded.class, _ -> true, attempt, state);
    assertThat(cpu.names()).isEmpty();
  }

  /** The engine calls again, as it does after a sleep, when it has recorded the answer. */
  @Test
  void clusterIsRecordedBeforeThePodIsCreated() {
    var attempt = attempt("exec", "gpu");

    var bound = (Running) got(plugin.handle(attempt, ByteString.EMPTY));

    assertThat(bound.lookAgain()).isInstanceOf(TaskTransition.LookAgain.At.class);
    assertThat(MultiClusterPodPlugin.Binding.parse(bound.state()).cluster()).contains("gpu");
    assertThat(gpu.names()).isEmpty();
    assertThat(cpu.names()).isEmpty();
  }

  @Test
  void podWhoseCreationWasNeverRecordedIsWaitedForInItsCluster() throws Exception {
    var attempt = attempt("exec", "gpu");
    var bound = ((Running) got(plugin.handle(attempt, ByteString.EMPTY))).state();
    got(plugin.handle(attempt, bound));
    plugin.close();
    gpu.stop();
    plugin = plugin(both("clusters.gpu { labels = [], weight = 0 }, request-timeout = 300ms"));

    await(
        Running.class,
        told -> reason(told).startsWith("cluster gpu: the Kubernetes API does not answer"),
        attempt,
        bound);

    gpu.start();
    var state =
        await(Running.class, told -> told.phase() == TaskPhase.QUEUED, attempt, bound).state();
    assertThat(cpu.names()).isEmpty();
    assertThat(gpu.names()).containsExactly(key(attempt));
    gpu.status(key(attempt), "{phase: Succeeded}");
    await(Succeeded.class, _ -> true, attempt, state);
  }

  @Test
  void attemptOfTheOnlyClusterStaysThereWhenOthersAreAdded() throws Exception {
    plugin.close();
    plugin = plugin("");
    var attempt = attempt("exec", "gpu");
    var state = started(attempt).state();
    plugin.close();
    plugin = plugin(both(""));

    cpu.status(key(attempt), "{phase: Succeeded}");

    await(Succeeded.class, _ -> true, attempt, state);
    assertThat(gpu.names()).isEmpty();
  }

  @Test
  void attemptWhoseClusterIsNoLongerConfiguredFails() throws Exception {
    var attempt = attempt("exec", "gpu");
    var state = started(attempt).state();
    plugin.close();
    plugin = plugin("");

    var failed = (Failed) got(plugin.handle(attempt, state));

    assertThat(failed.recoverable()).isTrue();
    assertThat(failed.error().code()).isEqualTo("ClusterNotConfigured");
    assertThat(failed.error().message())
        .contains("the cluster 'gpu', which turboprop.plugins.pod.clusters no longer names");
    got(plugin.abort(attempt, state));
    got(plugin.finish(attempt, state));
    assertThat(gpu.names()).containsExactly(key(attempt));
  }

  @Test
  void clusterThatIsAwayAtTheStartHoldsNoOther() throws Exception {
    plugin.close();
    gpu.stop();
    plugin = plugin(both("request-timeout = 1h"));
    var attempt = attempt("exec", "cpu");

    var bound = (Running) got(plugin.handle(attempt, ByteString.EMPTY));
    var created = (Running) got(plugin.handle(attempt, bound.state()));

    assertThat(created.phase()).isEqualTo(TaskPhase.QUEUED);
    assertThat(cpu.names()).containsExactly(key(attempt));
    gpu.start();
  }

  @Test
  void taskOfAPoolWithoutAClusterWaits() throws Exception {
    plugin.close();
    plugin = plugin(both("clusters.gpu.pools = [a]"));
    var attempt = attempt("exec", "gpu");
    attempt.clusterPool = "b";

    await(
        Running.class,
        told ->
            reason(told)
                .equals(
                    "no cluster takes tasks of the pool 'b' (turboprop.plugins.pod.clusters.ID.pools)"),
        attempt,
        ByteString.EMPTY);
    got(plugin.abort(attempt, ByteString.EMPTY));
    assertThat(cpu.names()).isEmpty();
    assertThat(gpu.names()).isEmpty();
  }

  @Test
  void abortAndFinishReachTheClusterOfTheAttempt() throws Exception {
    var aborted = attempt("aborted", "gpu");
    var lost = attempt("lost", "gpu");
    var state = started(aborted).state();
    var boundOfLost = ((Running) got(plugin.handle(lost, ByteString.EMPTY))).state();
    got(plugin.handle(lost, boundOfLost));

    got(plugin.abort(aborted, state));
    got(plugin.abort(lost, boundOfLost));
    got(plugin.finish(aborted, state));

    assertThat(gpu.names()).isEmpty();
  }

  @Test
  void figuresNameTheCluster() throws Exception {
    started(attempt("large", "gpu"));
    started(attempt("small", "cpu"));
    for (var cluster : List.of("default", "gpu")) {
      assertThat(
              metrics
                  .get("turboprop.kubernetes.requests")
                  .tags("cluster", cluster, "verb", "create")
                  .timer()
                  .count())
          .isEqualTo(1);
      assertThat(
              metrics
                  .get("turboprop.pod.pods")
                  .tags("cluster", cluster, "phase", "Pending")
                  .gauge()
                  .value())
          .isEqualTo(1);
    }
  }
}
