package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralOffloadedMetadata;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Tasks.RuntimeMetadata;
import flyteidl.core.Tasks.TaskMetadata;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.OutputReference;
import io.turboprop.data.Binding;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An attempt of a task, with a plugin and a catalog that the test scripts. */
final class TaskHandlerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration WAIT = Duration.ofSeconds(7);
  private static final Literals OUTPUTS = Literals.of(Map.of("o", number(1)));
  private static final Progress RUNS =
      new Progress(TaskPhase.RUNNING.number(), 1, ByteString.copyFromUtf8("pid"), ByteString.EMPTY);

  private final TestingPlugin plugin = new TestingPlugin();
  private final TestingCache cache = new TestingCache();
  private final MemoryDataStore store = new MemoryDataStore();
  private Duration queueTimeout = Duration.ZERO;
  private Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private boolean generatesDeck;

  @Test
  void anAttemptRunsUntilItsPluginReportsOutputs() {
    plugin.answers.add(running("one", new LookAgain.WhenNotified()));
    plugin.answers.add(succeeded(OUTPUTS));
    var handler = handler(number(5));
    var first = (NodeTransition.Running) handle(handler, Progress.NONE);
    assertThat(first.progress().phase()).isEqualTo(TaskPhase.RUNNING.number());
    assertThat(first.lookAgain()).isEqualTo(new LookAgain.WhenNotified());
    var last = (NodeTransition.Succeeded) handle(handler, first.progress());
    assertThat(last.outputs()).isEqualTo(new Values.Inline(OUTPUTS));
    assertThat(last.conclusion().startedAt()).contains(NOW);
    assertThat(last.conclusion().cache()).isEqualTo(TestingCache.KEPT);
    assertThat(plugin.calls).containsExactly("handle ", "handle one");
    assertThat(cache.calls).containsExactly("ask", "extend", "extend", "keep");
  }

  @Test
  void aTaskWithCachedOutputsIsNotRun() {
    cache.verdict = new AttemptCache.Verdict.Hit(OUTPUTS, ByteString.copyFromUtf8("key"));
    var transition = (NodeTransition.Succeeded) handle(handler(number(5)), Progress.NONE);
    assertThat(transition.outputs()).isEqualTo(new Values.Inline(OUTPUTS));
    assertThat(transition.conclusion().startedAt()).isEmpty();
    assertThat(transition.conclusion().cache().status()).isEqualTo(AttemptSummary.CacheStatus.HIT);
    assertThat(plugin.calls).isEmpty();
  }

  @Test
  void anAttemptWaitsWhileAnotherHoldsTheReservation() {
    cache.verdict = new AttemptCache.Verdict.Wait("other-n0-0");
    var handler = handler(number(5));
    var waits = (NodeTransition.Running) handle(handler, Progress.NONE);
    assertThat(waits.progress().phase()).isEqualTo(TaskPhase.NOT_READY.number());
    assertThat(waits.lookAgain()).isEqualTo(new LookAgain.After(WAIT));
    assertThat(waits.progress().details().toStringUtf8()).contains("other-n0-0");
    cache.verdict = new AttemptCache.Verdict.Run(TestingCache.MISS);
    plugin.answers.add(running("one", new LookAgain.WhenNotified()));
    handle(handler, waits.progress());
    assertThat(cache.calls).containsExactly("ask", "ask", "extend");
  }

  @Test
  void aRunningAttemptNeverWaitsAfterARestart() {
    cache.verdict = new AttemptCache.Verdict.Wait("other-n0-0");
    plugin.answers.add(running("pid", new LookAgain.WhenNotified()));
    var transition = (NodeTransition.Running) handle(handler(number(5)), RUNS);
    assertThat(transition.progress().phase()).isEqualTo(TaskPhase.RUNNING.number());
    assertThat(plugin.calls).containsExactly("handle pid");
    assertThat(cache.calls).containsExactly("resume", "extend");
  }

  @Test
  void aReservationIsExtendedInTime() {
    cache.heartbeat = Optional.of(Duration.ofSeconds(3));
    plugin.answers.add(running("one", new LookAgain.WhenNotified()));
    plugin.answers.add(running("one", new LookAgain.After(Duration.ofSeconds(2))));
    plugin.answers.add(running("one", new LookAgain.At(NOW.plusSeconds(9))));
    var handler = handler(number(5));
    assertThat(List.of(3, 2, 3))
        .allSatisfy(seconds ->
            assertThat(((NodeTransition.Running) handle(handler, RUNS)).lookAgain())
                .isEqualTo(new LookAgain.After(Duration.ofSeconds(seconds))));
  }

  @Test
  void anAttemptThatWaitsTooLongFailsForGood() {
    queueTimeout = Duration.ofSeconds(10);
    plugin.answers.add(waiting());
    plugin.answers.add(waiting());
    var handler = handler(number(5));
    var waits = (NodeTransition.Running) handle(handler, Progress.NONE);
    assertThat(waits.lookAgain()).isEqualTo(new LookAgain.After(queueTimeout));
    clock = Clock.fixed(NOW.plusSeconds(10), ZoneOffset.UTC);
    var failed = (NodeTransition.Failed) handle(handler(number(5)), waits.progress());
    assertThat(failed.error().code()).isEqualTo("QueueTimeout");
    assertThat(failed.error().message()).contains("PT10S", "turboprop.node.queue-timeout");
    assertThat(failed.recoverable()).isFalse();
    assertThat(plugin.calls).endsWith("abort ");
  }

  @Test
  void aMomentBeforeTheEndOfTheWaitIsKept() {
    queueTimeout = Duration.ofSeconds(10);
    var now = new LookAgain.At(NOW);
    plugin.answers.add(
        new TaskTransition.Running(
            TaskPhase.WAITING_FOR_RESOURCES, 0, ByteString.EMPTY, TaskInfo.NONE, now));
    var waits = (NodeTransition.Running) handle(handler(number(5)), Progress.NONE);
    assertThat(waits.lookAgain()).isEqualTo(now);
  }

  @Test
  void anAttemptThatRunsIsOutOfTheQueue() {
    queueTimeout = Duration.ofSeconds(10);
    clock = Clock.fixed(NOW.plusSeconds(10), ZoneOffset.UTC);
    plugin.answers.add(running("one", new LookAgain.WhenNotified()));
    assertThat(handle(handler(number(5)), Progress.NONE))
        .isInstanceOf(NodeTransition.Running.class);
  }

  @Test
  void theDeckOfARunningAndOfAFailedTaskIsShownOnceItIsThere() throws IOException {
    generatesDeck = true;
    plugin.answers.add(running("one", new LookAgain.WhenNotified()));
    plugin.answers.add(running("one", new LookAgain.WhenNotified()));
    plugin.answers.add(
        new TaskTransition.Failed(ExecutionError.user("Error", "no"), true, TaskInfo.NONE));
    var handler = handler(number(5));
    var first = (NodeTransition.Running) handle(handler, Progress.NONE);
    assertThat(first.progress().deckUri()).isEmpty();
    assertThat(first.lookAgain()).isEqualTo(new LookAgain.After(TaskHandler.DECK_LOOKS_MIN));
    var deck = files().deck();
    store.write(deck, ByteString.copyFromUtf8("<html>"));
    var second = (NodeTransition.Running) handle(handler, first.progress());
    assertThat(second.progress().deckUri()).contains(deck.uri());
    assertThat(second.lookAgain()).isEqualTo(new LookAgain.WhenNotified());
    var failed = (NodeTransition.Failed) handle(handler, second.progress());
    assertThat(failed.conclusion().deckUri()).contains(deck.uri());
  }

  @Test
  void aFailureLetsOthersMakeTheSame() {
    var error = ExecutionError.user("Error", "no");
    plugin.answers.add(new TaskTransition.Failed(error, true, TaskInfo.NONE));
    var transition = (NodeTransition.Failed) handle(handler(number(5)), Progress.NONE);
    assertThat(transition.error()).isEqualTo(error);
    assertThat(transition.recoverable()).isTrue();
    assertThat(transition.conclusion().cache()).isEqualTo(TestingCache.MISS);
    assertThat(cache.calls).containsExactly("ask", "extend", "release");
  }

  @Test
  void theOutputsMustBeTheDeclaredOnes() {
    plugin.answers.add(succeeded(Literals.of(Map.of("other", number(1)))));
    var transition = (NodeTransition.Failed) handle(handler(number(5)), Progress.NONE);
    assertThat(transition.error().code()).isEqualTo("OutputsNotFound");
    assertThat(transition.recoverable()).isFalse();
    assertThat(cache.calls).doesNotContain("keep");
  }

  @Test
  void anInputThatCanNotBeResolvedFailsItForGood() {
    var transition =
        (NodeTransition.Failed) handle(handler(Literals.EMPTY, "1.16.0"), Progress.NONE);
    assertThat(transition.recoverable()).isFalse();
    assertThat(plugin.calls).isEmpty();
  }

  @Test
  void anOffloadedInputIsRefusedToATaskThatCanNotReadIt() {
    var old = (NodeTransition.Failed) handle(handler(offloaded(), "1.13.13"), Progress.NONE);
    assertThat(old.error().code()).isEqualTo("LiteralOffloadingNotSupported");
    assertThat(old.recoverable()).isFalse();
    assertThat(plugin.calls).isEmpty();
    plugin.answers.add(succeeded(OUTPUTS));
    assertThat(handle(handler(offloaded(), "1.13.14"), Progress.NONE))
        .isInstanceOf(NodeTransition.Succeeded.class);
  }

  @Test
  void anAbortStopsThePluginAndLetsOthersMakeTheSame() {
    handler(number(5)).abort(RUNS, "enough").toCompletableFuture().join();
    assertThat(plugin.calls).containsExactly("abort pid");
    assertThat(cache.calls).containsExactly("release");
  }

  private Layout.NodeFiles files() {
    return Layout.of(store.base()).node(new ExecutionId("p", "d", "e"), NodePath.root("a"), 0);
  }

  private static TaskTransition waiting() {
    return new TaskTransition.Running(
        TaskPhase.WAITING_FOR_RESOURCES,
        0,
        ByteString.EMPTY,
        TaskInfo.NONE,
        new LookAgain.WhenNotified());
  }

  private static NodeTransition handle(NodeHandler handler, Progress progress) {
    return handler.handle(progress).toCompletableFuture().join();
  }

  private TaskHandler handler(Literal input) {
    return handler(input, "1.16.0");
  }

  private TaskHandler handler(Literal input, String version) {
    return handler(Literals.of(Map.of("o", input)), version);
  }

  /** The handler of a task whose input is an output of the upstream node. */
  private TaskHandler handler(Literals before, String version) {
    var assignment =
        TestingAssignments.of(
            new Work.RunNode(NodePath.root("a"), 0),
            node(),
            Map.of("b", new Values.Inline(before)));
    var layout = Layout.of(store.base());
    var writer = new ValuesWriter(store, layout, Runnable::run);
    return new TaskHandler(
        new TaskAttempt(
            assignment,
            template(version),
            ExecutionSpec.getDefaultInstance(),
            store,
            layout,
            Optional.empty(),
            Map.of(),
            () -> {}),
        plugin,
        LiteralOffloading.DEFAULT,
        new NodeInputsReader(store, Layout.of(store.base()), Runnable::run, 1_000),
        cache,
        new TaskResults(store, writer, new NoGraphs(), Runnable::run, 1_000),
        writer,
        new TaskHandler.Waiting(WAIT, queueTimeout),
        clock);
  }

  private static PlanNode node() {
    var task = TestingPlans.task("a", NodePolicy.DEFAULT);
    var promise = OutputReference.newBuilder().setNodeId("b").setVar("o");
    return new PlanNode(
        task.id(),
        task.name(),
        task.kind(),
        List.of(new Binding("x", BindingData.newBuilder().setPromise(promise).build())),
        task.policy());
  }

  private TaskTemplate template(String version) {
    return TaskTemplate.newBuilder()
        .setType("python-task")
        .setMetadata(
            TaskMetadata.newBuilder()
                .setGeneratesDeck(BoolValue.of(generatesDeck))
                .setRuntime(
                    RuntimeMetadata.newBuilder()
                        .setType(RuntimeMetadata.RuntimeType.FLYTE_SDK)
                        .setVersion(version)))
        .setInterface(
            TypedInterface.newBuilder()
                .setOutputs(
                    VariableMap.newBuilder().putVariables("o", Variable.getDefaultInstance())))
        .build();
  }

  private static Literal offloaded() {
    return Literal.newBuilder()
        .setOffloadedMetadata(LiteralOffloadedMetadata.newBuilder().setUri("mem://big"))
        .build();
  }

  private static Literal number(long value) {
    return Literal.newBuilder()
        .setScalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)))
        .build();
  }

  private static TaskTransition running(String state, LookAgain lookAgain) {
    return new TaskTransition.Running(
        TaskPhase.RUNNING, 1, ByteString.copyFromUtf8(state), TaskInfo.NONE, lookAgain);
  }

  private static TaskTransition succeeded(Literals outputs) {
    return new TaskTransition.Succeeded(new Outputs.Inline(outputs), TaskInfo.NONE);
  }
}
