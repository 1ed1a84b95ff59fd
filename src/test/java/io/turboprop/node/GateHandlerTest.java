package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.OutputReference;
import flyteidl.core.Types.SimpleType;
import io.turboprop.data.Binding;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class GateHandlerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00.123456Z");
  private static final ByteString TEXT = type(SimpleType.STRING);
  private static final GateCondition TITLE = new GateCondition.Signal("title", TEXT, "o0");
  private static final GateCondition REVIEW = new GateCondition.Approve("review");

  private final TestingSignals signals = new TestingSignals();

  /** A signal service for a single signal, which remembers the gates that read it. */
  private static final class TestingSignals implements Signals {
    Optional<Literal> sent = Optional.empty();
    String asked = "";
    ByteString askedType = ByteString.EMPTY;

    @Override
    public CompletionStage<Optional<ByteString>> getOrAwait(
        AcceptedExecution execution, NodePath gate, String signalId, ByteString type) {
      asked = execution.id() + " " + gate + " " + signalId;
      askedType = type;
      return CompletableFuture.completedFuture(sent.map(Literal::toByteString));
    }
  }

  @Test
  void aSleepIsSeenRunningAndEndsToTheMicrosecond() {
    var sleep = new GateCondition.Sleep(Duration.ofMillis(2_500));
    var end = NOW.plusMillis(2_500);
    var running = running(handle(sleep, NOW, Progress.NONE));
    assertThat(running.lookAgain()).isEqualTo(new LookAgain.At(end));
    assertThat(running.progress().hasStarted()).isTrue();
    assertThat(running(handle(sleep, end.minusNanos(1_000), running.progress())))
        .isEqualTo(running);
    assertThat(outputs(handle(sleep, end, running.progress()))).isEqualTo(Values.NONE);
  }

  @Test
  void aRestartDoesNotProlongASleep() {
    var sleep = new GateCondition.Sleep(Duration.ofHours(1));
    var progress = running(handle(sleep, NOW, Progress.NONE)).progress();
    var later = running(handle(sleep, NOW.plusSeconds(1_800), progress));
    assertThat(later.lookAgain()).isEqualTo(new LookAgain.At(NOW.plusSeconds(3_600)));
  }

  @Test
  void aSleepOfNothingIsOverAtTheSecondLook() {
    for (var duration : List.of(Duration.ZERO, Duration.ofSeconds(-5))) {
      var sleep = new GateCondition.Sleep(duration);
      var progress = running(handle(sleep, NOW, Progress.NONE)).progress();
      assertThat(outputs(handle(sleep, NOW, progress))).isEqualTo(Values.NONE);
    }
  }

  @Test
  void aSleepBeyondAllCalendarsLastsForEver() {
    var sleep = new GateCondition.Sleep(Duration.ofSeconds(315_576_000_000L));
    assertThat(running(handle(sleep, NOW, Progress.NONE)).lookAgain())
        .isEqualTo(new LookAgain.At(Active.UNTIL_TOLD));
  }

  @Test
  void aGateWaitsForASignalUntilNotified() {
    var running = running(handle(TITLE, NOW, Progress.NONE));
    assertThat(running.lookAgain()).isEqualTo(new LookAgain.At(Active.UNTIL_TOLD));
    assertThat(running.progress().hasStarted()).as("its deadline counts").isTrue();
    assertThat(signals.asked).isEqualTo("p:d:e n0 title");
    assertThat(signals.askedType).isEqualTo(TEXT);
    assertThat(running(handle(TITLE, NOW, running.progress()))).isEqualTo(running);
  }

  @Test
  void theSignalsValueIsTheOutput() {
    signals.sent = Optional.of(text("Weekly"));
    assertThat(outputs(handle(TITLE, NOW, Progress.NONE)))
        .isEqualTo(new Values.Inline(Literals.of(Map.of("o0", text("Weekly")))));
  }

  @Test
  void aYesPassesTheInputsOn() {
    signals.sent = Optional.of(bool(true));
    assertThat(outputs(handle(REVIEW, NOW, Progress.NONE)))
        .isEqualTo(new Values.Inline(Literals.of(Map.of("x", text("report")))));
    assertThat(signals.askedType).isEqualTo(type(SimpleType.BOOLEAN));
  }

  @Test
  void aNoFailsForGood() {
    signals.sent = Optional.of(bool(false));
    var failed = failed(handle(REVIEW, NOW, Progress.NONE));
    assertThat(failed.error().code()).isEqualTo("ReceivedRejectSignal");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.USER);
    assertThat(failed.recoverable()).isFalse();
  }

  @Test
  void aNonBooleanApprovalFailsForGood() {
    signals.sent = Optional.of(text("perhaps"));
    var failed = failed(handle(REVIEW, NOW, Progress.NONE));
    assertThat(failed.error().code()).isEqualTo("RuntimeExecutionError");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.UNKNOWN);
    assertThat(failed.recoverable()).isFalse();
  }

  @Test
  void aLargeValueGoesToTheBlobStore() throws IOException {
    var large = text("x".repeat(ExecutionSettings.DEFAULT.inlineBytesMax()));
    signals.sent = Optional.of(large);
    var store = new MemoryDataStore();
    var outputs = outputs(handle(TITLE, NOW, Progress.NONE, store));
    assertThat(outputs).isInstanceOf(Values.Stored.class);
    var written = store.read(((Values.Stored) outputs).reference(), 1 << 20);
    assertThat(LiteralMap.parseFrom(written).getLiteralsOrThrow("o0")).isEqualTo(large);
  }

  @Test
  void outputsThatCannotBeWrittenNowAreWrittenLater() {
    signals.sent = Optional.of(text("x".repeat(ExecutionSettings.DEFAULT.inlineBytesMax())));
    assertThatThrownBy(() -> handle(TITLE, NOW, Progress.NONE, fullStore()))
        .hasRootCauseInstanceOf(IOException.class)
        .hasStackTraceContaining("no space left");
    assertThat(handle(TITLE, NOW, Progress.NONE)).isInstanceOf(NodeTransition.Succeeded.class);
  }

  private NodeTransition handle(GateCondition condition, Instant now, Progress progress) {
    return handle(condition, now, progress, new MemoryDataStore());
  }

  private NodeTransition handle(
      GateCondition condition, Instant now, Progress progress, DataStore store) {
    var handler =
        new GateHandler(
            assignment(condition),
            condition,
            signals,
            new NodeInputsReader(
                store, Layout.of(new DataReference("mem://x")), Runnable::run, 1 << 20),
            new ValuesWriter(store, Layout.of(new DataReference("mem://x")), Runnable::run),
            Clock.fixed(now, ZoneOffset.UTC));
    return handler.handle(progress).toCompletableFuture().join();
  }

  private static Assignment assignment(GateCondition condition) {
    var node =
        new PlanNode(
            "n0",
            "gate",
            new NodeKind.Gate(condition),
            List.of(
                new Binding(
                    "x",
                    BindingData.newBuilder()
                        .setPromise(OutputReference.newBuilder().setNodeId("n1").setVar("o0"))
                        .build())),
            NodePolicy.DEFAULT);
    return TestingAssignments.of(
        new Work.RunNode(NodePath.root("n0"), 0),
        node,
        Map.of("n1", new Values.Inline(Literals.of(Map.of("o0", text("report"))))));
  }

  /** A blob store that refuses every write. */
  private static DataStore fullStore() {
    return (DataStore)
        Proxy.newProxyInstance(
            DataStore.class.getClassLoader(),
            new Class<?>[] {DataStore.class},
            (_, method, _) -> {
              throw new IOException(method.getName() + ": no space left");
            });
  }

  private static NodeTransition.Running running(NodeTransition transition) {
    assertThat(transition).isInstanceOf(NodeTransition.Running.class);
    return (NodeTransition.Running) transition;
  }

  private static NodeTransition.Failed failed(NodeTransition transition) {
    assertThat(transition).isInstanceOf(NodeTransition.Failed.class);
    return (NodeTransition.Failed) transition;
  }

  private static Values outputs(NodeTransition transition) {
    assertThat(transition).isInstanceOf(NodeTransition.Succeeded.class);
    return ((NodeTransition.Succeeded) transition).outputs();
  }

  private static Literal text(String value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setStringValue(value);
    return literal.build();
  }

  private static Literal bool(boolean value) {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setBoolean(value);
    return literal.build();
  }

  private static ByteString type(SimpleType type) {
    return LiteralType.newBuilder().setSimple(type).build().toByteString();
  }
}
