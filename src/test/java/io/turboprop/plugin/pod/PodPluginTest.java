package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Outage;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.plugin.TestingRecords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin over Kubernetes' client and HTTP, against an API server in memory. */
class PodPluginTest {
  private static final String RUNS =
      "{phase: Running, containerStatuses: [{name: exec-n0-0, state: {running: {}}}]}";
  private static final String QUOTA =
      "pods \"p\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5";

  @TempDir Path folder;
  private SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private TestingKubernetes kubernetes;
  private final List<PodPlugin> plugins = new ArrayList<>();
  private PodPlugin plugin;
  private final TestingRecords records = new TestingRecords();

  @BeforeEach
  void start() throws IOException {
    kubernetes = new TestingKubernetes();
    plugin = plugin("");
  }

  @AfterEach
  void stop() {
    plugins.forEach(PodPlugin::close);
    kubernetes.close();
  }

  private PodPlugin plugin(String settings) throws IOException {
    var all =
        """
        kubeconfig = "%s", request-timeout = 5s, back-off.base = 1ms, retry-after = 5ms, retry-after-max = 20ms
        requests-per-second = 5000, requests-burst = 5000
        """
            .formatted(kubernetes.kubeconfig(folder));
    metrics = new SimpleMeterRegistry();
    var made =
        PodPluginProvider.create(
            TargetClusters.DEFAULT,
            PodPhasesTest.settings(all + settings),
            new TaskPluginEnvironment(
                new MemoryDataStore(),
                Map.of("FLYTE_AWS_ENDPOINT", "http://s3"),
                folder,
                "http://127.0.0.1:1",
                records,
                Clock.systemUTC(),
                metrics));
    plugins.add(made);
    return made;
  }

  private static PodKey key(TestingAttempt attempt) {
    return new PodKey("flytesnacks-development", attempt.generatedName());
  }

  private static <T> T got(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static TaskTransition handle(PodPlugin plugin, TestingAttempt attempt, ByteString state) {
    return got(plugin.handle(attempt, state));
  }

  /** The state of an attempt whose pod has been created. */
  private ByteString started(TestingAttempt attempt) {
    return ((Running) handle(plugin, attempt, ByteString.EMPTY)).state();
  }

  /**
   * Calls the plugin each time it asks for it, as the engine does, until the answer is of a kind.
   */
  private static <T extends TaskTransition> T await(
      Class<T> kind,
      Predicate<T> condition,
      PodPlugin plugin,
      TestingAttempt attempt,
      ByteString first)
      throws InterruptedException {
    var state = first;
    while (true) {
      var transition = handle(plugin, attempt, state);
      if (kind.isInstance(transition) && condition.test(kind.cast(transition))) {
        return kind.cast(transition);
      }
      state = ((Running) transition).state();
      attempt.awaitNews();
    }
  }

  private Succeeded awaitSuccess(TestingAttempt attempt, ByteString state)
      throws InterruptedException {
    return await(Succeeded.class, _ -> true, plugin, attempt, state);
  }

  private Failed awaitFailure(TestingAttempt attempt, ByteString state)
      throws InterruptedException {
    return await(Failed.class, _ -> true, plugin, attempt, state);
  }

  private Running awaitReason(TestingAttempt attempt, ByteString state, String reason)
      throws InterruptedException {
    return await(
        Running.class,
        running -> running.info().reason().orElse("").equals(reason),
        plugin,
        attempt,
        state);
  }

  private static ExecutionError error(TaskTransition transition) {
    return ((Failed) transition).error();
  }

  @Test
  void attemptFollowsItsPod() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");

    var queued = (Running) handle(plugin, attempt, ByteString.EMPTY);
    assertThat(queued.phase()).isEqualTo(TaskPhase.QUEUED);
    assertThat(queued.info().reason()).hasValue("task submitted to K8s");
    assertThat(queued.lookAgain()).isEqualTo(new LookAgain.WhenNotified());

    kubernetes.status(key(attempt), RUNS);
    var running =
        await(
            Running.class,
            told -> told.phase() == TaskPhase.RUNNING,
            plugin,
            attempt,
            queued.state());
    assertThat(running.version()).isEqualTo(1);
    assertThat(running.info().logs().getFirst().getUri())
        .isEqualTo(
            "http://localhost:30082/#!/log/flytesnacks-development/exec-n0-0/pod?namespace=flytesnacks-development");

    kubernetes.status(key(attempt), "{phase: Succeeded}");
    awaitSuccess(attempt, running.state());
    assertThat(kubernetes.requests("create")).isEqualTo(1);
    assertThat(kubernetes.requests("get")).isZero();
  }

  @Test
  void reasonThatChangesIsANewVersion() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    kubernetes.status(key(attempt), unscheduled("0/3 nodes"));
    var first = awaitReason(attempt, state, "Unschedulable:0/3 nodes");
    kubernetes.status(key(attempt), unscheduled("0/4 nodes"));
    var second = awaitReason(attempt, first.state(), "Unschedulable:0/4 nodes");
    var third = (Running) handle(plugin, attempt, second.state());

    assertThat(second.version()).isEqualTo(first.version() + 1);
    assertThat(third.version()).isEqualTo(second.version());
  }

  private static String unscheduled(String message) {
    return "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '%s'}]}"
        .formatted(message);
  }

  @Test
  void nextEngineAdoptsThePodByItsName() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    handle(plugin, attempt, ByteString.EMPTY);
    plugin.close();
    var next = plugin("");
    var again = TestingAttempt.ofContainer("exec");

    var running = (Running) handle(next, again, ByteString.EMPTY);

    assertThat(running.phase()).isEqualTo(TaskPhase.QUEUED);
    assertThat(kubernetes.names()).containsExactly(key(attempt));
    kubernetes.status(key(attempt), "{phase: Succeeded}");
    await(Succeeded.class, _ -> true, next, again, running.state());
  }

  @Test
  void lostAnswerOfACreationStartsNoSecondPod() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    kubernetes.loseAnswers(true);
    var waiting = (Running) handle(plugin, attempt, ByteString.EMPTY);
    assertThat(waiting.phase()).isIn(TaskPhase.WAITING_FOR_RESOURCES, TaskPhase.QUEUED);
    kubernetes.loseAnswers(false);

    assertThat(untilStarted(attempt)).isEqualTo(TaskPhase.QUEUED);
    assertThat(kubernetes.names()).hasSize(1);
  }

  @Test
  void podOfSomebodyElseIsLeftAlone() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    kubernetes.add(key(attempt), "{status: {phase: Running}}");

    assertThat(error(handle(plugin, attempt, ByteString.EMPTY)).code()).isEqualTo("PodNameTaken");
    got(plugin.abort(attempt, ByteString.EMPTY));
    got(plugin.finish(attempt, ByteString.EMPTY));
    assertThat(kubernetes.names()).hasSize(1);
  }

  @Test
  void podThatIsDeletedBySomebodyIsAFaultOfThePlatform() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);

    kubernetes.remove(key(attempt));

    var failed = awaitFailure(attempt, state);
    assertThat(failed.error().code()).isEqualTo("ResourceDeletedExternally");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.SYSTEM);
    assertThat(failed.recoverable()).isTrue();
  }

  @Test
  void abortLeavesNoPod() {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);

    got(plugin.abort(attempt, state));
    got(plugin.finish(attempt, state));
    got(plugin.abort(attempt, state));

    assertThat(kubernetes.names()).isEmpty();
  }

  @Test
  void podWhoseCreationWasNotAnsweredIsDeletedByAnAbort() throws Exception {
    var other = TestingAttempt.ofContainer("other");
    started(other);
    var attempt = TestingAttempt.ofContainer("exec");
    kubernetes.holdEventsBack();
    kubernetes.loseAnswers(true);
    handle(plugin, attempt, ByteString.EMPTY);
    kubernetes.loseAnswers(false);
    assertThat(kubernetes.names()).containsExactlyInAnyOrder(key(other), key(attempt));

    got(plugin.abort(attempt, ByteString.EMPTY));

    assertThat(kubernetes.names()).containsExactly(key(other));
  }

  @Test
  void attemptThatNeverStartedIsAborted() {
    got(plugin.abort(TestingAttempt.ofContainer("exec"), ByteString.EMPTY));
    got(plugin.finish(TestingAttempt.ofContainer("exec"), ByteString.EMPTY));

    assertThat(kubernetes.requests("delete")).isZero();
  }

  @Test
  void podWhoseSidecarRunsIsDeletedAfterTheEndOfItsTask() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    kubernetes.status(
        key(attempt),
        "{phase: Running, containerStatuses: [{name: exec-n0-0, state: {terminated: {exitCode: 0}}}, {name: proxy, state: {running: {}}}]}");
    awaitSuccess(attempt, state);

    got(plugin.finish(attempt, state));
    assertThat(kubernetes.names()).isEmpty();
  }

  @Test
  void podThatHasEndedStaysUnlessTheInstallationSaysOtherwise() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    kubernetes.status(key(attempt), "{phase: Succeeded}");
    awaitSuccess(attempt, state);

    got(plugin.finish(attempt, state));
    assertThat(kubernetes.names()).hasSize(1);
    got(plugin("delete-resource-on-finalize = true").finish(attempt, state));
    assertThat(kubernetes.names()).isEmpty();
  }

  @Test
  void finalizerIsRemovedAtTheEnd() throws Exception {
    var withFinalizer = plugin("inject-finalizer = true");
    var attempt = TestingAttempt.ofContainer("exec");
    var state = ((Running) handle(withFinalizer, attempt, ByteString.EMPTY)).state();
    kubernetes.status(key(attempt), "{phase: Succeeded}");
    await(Succeeded.class, _ -> true, withFinalizer, attempt, state);

    got(withFinalizer.finish(attempt, state));

    assertThat(
            kubernetes.pod(key(attempt)).getAsJsonObject("metadata").getAsJsonArray("finalizers"))
        .isEmpty();
  }

  @Test
  void quotaThatIsUsedUpMakesTasksWait() {
    var attempt = TestingAttempt.ofContainer("exec");
    kubernetes.refuse(403, QUOTA);
    var waiting = (Running) handle(plugin, attempt, ByteString.EMPTY);
    assertThat(waiting.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    assertThat(waiting.state()).isEqualTo(ByteString.EMPTY);
    assertThat(waiting.info().reason().orElseThrow()).contains("exceeded quota");
    assertThat(waiting.lookAgain()).isInstanceOf(LookAgain.After.class);

    kubernetes.refuse(0, "");

    assertThat(untilStarted(attempt)).isEqualTo(TaskPhase.QUEUED);
  }

  @Test
  void overloadOfTheApiServerIsNotCalledAQuota() {
    kubernetes.refuse(403, "etcdserver: request timed out");
    assertThat(reason(TestingAttempt.ofContainer("a")))
        .isEqualTo("the Kubernetes API is overloaded: etcdserver: request timed out");
    assertThat(reason(TestingAttempt.ofContainer("b"))).doesNotContain("Exceeded resourcequota");
  }

  private String reason(TestingAttempt attempt) {
    var waiting = (Running) handle(plugin, attempt, ByteString.EMPTY);
    assertThat(waiting.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    return waiting.info().reason().orElseThrow();
  }

  @Test
  void quotaThatNothingHasCountedYetMakesTasksWait() {
    kubernetes.refuse(403, "pods is forbidden: status unknown for quota: q, resources: pods");

    assertThat(reason(TestingAttempt.ofContainer("a"))).contains("status unknown for quota");
  }

  /** Repeats the call as the engine does. */
  private TaskPhase untilStarted(TestingAttempt attempt) {
    while (true) {
      var running = (Running) handle(plugin, attempt, ByteString.EMPTY);
      if (running.phase() != TaskPhase.WAITING_FOR_RESOURCES) {
        return running.phase();
      }
    }
  }

  @Test
  void refusalsThatWaitingDoesNotHelpFailTheAttempt() {
    kubernetes.refuse(403, QUOTA.replace("requested: pods=1", "requested: pods=6"));
    assertThat(error(handle(plugin, TestingAttempt.ofContainer("a"), ByteString.EMPTY)).code())
        .isEqualTo("ResourceRequestsExceedLimits");
    kubernetes.refuse(403, "admission webhook denied the request: no such image");
    var refused = (Failed) handle(plugin, TestingAttempt.ofContainer("b"), ByteString.EMPTY);
    assertThat(refused.error())
        .isEqualTo(
            ExecutionError.user(
                "RuntimeFailure", "admission webhook denied the request: no such image"));
    assertThat(refused.recoverable()).isTrue();
    kubernetes.refuse(422, "spec.containers[0].name: Invalid value");
    assertThat(error(handle(plugin, TestingAttempt.ofContainer("c"), ByteString.EMPTY)).code())
        .isEqualTo("BadTaskFormat");
    kubernetes.refuse(413, "too large");
    assertThat(error(handle(plugin, TestingAttempt.ofContainer("d"), ByteString.EMPTY)).code())
        .isEqualTo("EntityTooLarge");
  }

  @Test
  void taskThatIsNoPodFails() {
    var attempt = TestingAttempt.ofContainer("exec");
    attempt.template = attempt.template.toBuilder().clearContainer().build();

    assertThat(error(handle(plugin, attempt, ByteString.EMPTY)))
        .isEqualTo(
            ExecutionError.user(
                "FailedToBuildResource",
                "could not build resource for task: a task of type 'python-task' needs a container or a pod; it has TARGET_NOT_SET"));
  }

  @Test
  void outageOfTheApiServerFailsNoTask() throws Exception {
    var first = TestingAttempt.ofContainer("a");
    var state = started(first);
    kubernetes.stop();
    var second = TestingAttempt.ofContainer("b");

    var waiting = (Running) handle(plugin, second, ByteString.EMPTY);
    assertThat(waiting.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    assertThat(waiting.info().reason().orElseThrow()).contains("does not answer");
    assertThat(((Running) handle(plugin, first, state)).phase()).isEqualTo(TaskPhase.QUEUED);

    kubernetes.status(key(first), "{phase: Succeeded}");
    kubernetes.start();
    awaitSuccess(first, state);
    assertThat(untilStarted(second)).isEqualTo(TaskPhase.QUEUED);
  }

  @Test
  void abortAndCleanUpReportAnOutageOfTheApiServerAsOne() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    kubernetes.stop();

    for (var call : List.of(plugin.abort(attempt, state), plugin.finish(attempt, state))) {
      assertThatThrownBy(() -> got(call)).matches(Outage::isCauseOf, "is an outage");
    }
    kubernetes.start();
    got(plugin.abort(attempt, state));
    assertThat(kubernetes.names()).isEmpty();
  }

  @Test
  void changesDuringACutWatchAreSeen() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    kubernetes.cutWatches();
    kubernetes.status(key(attempt), "{phase: Succeeded}");

    assertThat(awaitSuccess(attempt, state)).isNotNull();
  }

  @Test
  void podsAreListedAgainWhenTheApiServerHasForgotten() throws Exception {
    var kept = TestingAttempt.ofContainer("kept");
    var gone = TestingAttempt.ofContainer("gone");
    var state = started(kept);
    started(gone);
    kubernetes.stop();
    kubernetes.status(key(kept), "{phase: Succeeded}");
    kubernetes.remove(key(gone));
    kubernetes.forgetHistory();
    kubernetes.start();

    awaitSuccess(kept, state);
    assertThat(awaitFailure(gone, state).error().code()).isEqualTo("ResourceDeletedExternally");
  }

  @Test
  void manyPodsAreTwoRequestsEachAndNoPolls() throws Exception {
    var small = plugin("page-size = 7, delete-resource-on-finalize = true");
    var attempts =
        IntStream.range(0, 200).mapToObj(i -> TestingAttempt.ofContainer("e" + i)).toList();
    var states = attempts.stream().map(attempt -> small.handle(attempt, ByteString.EMPTY)).toList();
    for (int i = 0; i < attempts.size(); i++) {
      assertThat(((Running) got(states.get(i))).phase()).isEqualTo(TaskPhase.QUEUED);
    }
    for (var attempt : attempts) {
      kubernetes.status(key(attempt), "{phase: Succeeded}");
    }
    for (int i = 0; i < attempts.size(); i++) {
      var attempt = attempts.get(i);
      var state = ((Running) got(states.get(i))).state();
      await(Succeeded.class, _ -> true, small, attempt, state);
      got(small.finish(attempt, state));
    }

    assertThat(kubernetes.names()).isEmpty();
    assertThat(kubernetes.requests("create")).isEqualTo(200);
    assertThat(kubernetes.requests("delete")).isEqualTo(200);
    assertThat(kubernetes.requests("get")).isZero();
  }

  @Test
  void attemptHearsOfEachChangeOfItsPod() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    for (int i = 0; i < 20; i++) {
      kubernetes.status(key(attempt), unscheduled("r" + i));
      awaitReason(attempt, state, "Unschedulable:r" + i);
    }
  }

  @Test
  void podsOfExecutionsThatHaveEndedAreSwept() throws Exception {
    var orphan = TestingAttempt.ofContainer("orphan");
    var foreign = TestingAttempt.ofContainer("foreign");
    var followed = TestingAttempt.ofContainer("followed");
    started(orphan);
    started(foreign);
    plugin.close();
    records.ended =
        execution -> execution.name().equals("foreign") ? Optional.empty() : Optional.of(true);
    plugin = plugin("sweep-interval = 10ms");
    started(followed);

    awaitNames(List.of(key(followed), key(foreign)));
  }

  @Test
  void podThatCannotBeDeletedDoesNotHoldUpTheSweepOfOthers() throws Exception {
    var kept = TestingAttempt.ofContainer("kept");
    started(kept);
    for (int i = 0; i < 5; i++) {
      started(TestingAttempt.ofContainer("orphan-" + i));
    }
    plugin.close();
    kubernetes.refuseDeletion(key(kept));
    records.ended = _ -> Optional.of(true);
    plugin = plugin("sweep-interval = 10ms");

    awaitNames(List.of(key(kept)));
  }

  @Test
  void endedPodsOfAnEndedExecutionAreDeletedAfterAWhile() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var state = started(attempt);
    kubernetes.status(
        key(attempt),
        "{phase: Succeeded, containerStatuses: [{name: exec-n0-0, state: {terminated: {exitCode: 0, finishedAt: '2026-01-01T00:00:00Z'}}}]}");
    awaitSuccess(attempt, state);
    got(plugin.finish(attempt, state));
    records.ended = _ -> Optional.of(true);
    plugin("sweep-interval = 10ms");

    awaitNames(List.of());
  }

  @Test
  void podsOfAForgottenExecutionAreDeleted() throws Exception {
    var attempt = TestingAttempt.ofContainer("exec");
    var other = TestingAttempt.ofContainer("other");
    started(attempt);
    started(other);

    got(plugin.forget(attempt.execution()));

    assertThat(kubernetes.names()).containsExactly(key(other));
  }

  private void awaitNames(List<PodKey> names) throws InterruptedException {
    kubernetes.awaitDeletion(() -> kubernetes.names().equals(names));
  }

  @Test
  void whatIsKeptOfAPodIsSmall() {
    var pod =
        JsonParser.parseString(
                """
                {metadata: {namespace: flytesnacks-development, name: NAME, uid: 0b1f6e5a-0c3f-4f6e-9d6e-1c7c2f0f4b1a, resourceVersion: '1234567',
                  annotations: {'turboprop.io/attempt': 'flytesnacks/development/NAME/n0/0', primary_container_name: NAME}},
                 spec: {nodeName: node-1, containers: [{name: NAME, image: x, env: [{name: A, value: B}]}]},
                 status: {phase: Failed, conditions: [{type: Ready, status: 'False', reason: PodFailed, lastTransitionTime: '2026-01-01T00:00:00Z'}],
                  containerStatuses: [{name: NAME, containerID: 'containerd://8f1e3c1b8f1e3c1b8f1e3c1b8f1e3c1b8f1e3c1b8f1e3c1b8f1e3c1b8f1e3c1b',
                   state: {terminated: {exitCode: 1, reason: Error, message: 'MESSAGE', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:09Z'}}}]}}
                """)
            .toString();
    var count = 4000;
    var message = "x".repeat(1000);
    var kept = new ObservedPod[count];
    var before = used();
    for (int i = 0; i < count; i++) {
      kept[i] =
          ObservedPod.of(
              JsonParser.parseString(
                      pod.replace("NAME", "exec-n0-" + i).replace("MESSAGE", message))
                  .getAsJsonObject());
    }

    assertThat((used() - before) / count).isLessThan(5 * 1024);
    assertThat(kept[count - 1].key().name()).isEqualTo("exec-n0-3999");
  }

  private static long used() {
    System.gc();
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void requestsAndPodsAreCounted() {
    started(TestingAttempt.ofContainer("exec"));

    assertThat(
            metrics
                .timer(
                    "turboprop.kubernetes.requests",
                    "cluster",
                    "default",
                    "verb",
                    "create",
                    "code",
                    "200")
                .count())
        .isEqualTo(1);
    assertThat(metrics.get("turboprop.pod.pods").tag("phase", "Pending").gauge().value())
        .isEqualTo(1);
  }
}
