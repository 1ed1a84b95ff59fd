package io.turboprop.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs a gate node ({@code flyteidl.core.GateNode}): a sleep, or a wait for an input or an
 * approval. A waiting gate takes no memory; the entity checks it again when the time has come or
 * the signal was sent. The node's execution deadline, which the machine watches, bounds the wait.
 */
final class GateHandler implements ImmediateHandler {
  private static final ByteString BOOLEAN =
      LiteralType.newBuilder().setSimple(SimpleType.BOOLEAN).build().toByteString();

  private final Assignment assignment;
  private final GateCondition condition;
  private final Signals signals;
  private final NodeInputsReader inputs;
  private final ValuesWriter writer;
  private final Clock clock;

  GateHandler(
      Assignment assignment,
      GateCondition condition,
      Signals signals,
      NodeInputsReader inputs,
      ValuesWriter writer,
      Clock clock) {
    this.assignment = assignment;
    this.condition = condition;
    this.signals = signals;
    this.inputs = inputs;
    this.writer = writer;
    this.clock = clock;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return switch (condition) {
      case GateCondition.Sleep(var duration) ->
          CompletableFuture.completedFuture(sleep(duration, progress));
      case GateCondition.Signal(var signalId, var type, var variable) ->
          sent(signalId, type)
              .thenCompose(value ->
                  value
                      .map(literal -> succeeded(Literals.of(Map.of(variable, literal))))
                      .orElseGet(GateHandler::untilTold));
      case GateCondition.Approve(var signalId) ->
          sent(signalId, BOOLEAN)
              .thenCompose(value ->
                  value
                      .map(answer -> answered(signalId, answer))
                      .orElseGet(GateHandler::untilTold));
    };
  }

  /**
   * The wake-up time is recorded at the first check, so that a restart does not prolong the sleep.
   */
  private NodeTransition sleep(Duration duration, Progress progress) {
    if (progress.state().isEmpty()) {
      return running(end(duration), progress.phaseVersion());
    }
    var end = Instant.parse(progress.state().toStringUtf8());
    return clock.instant().isBefore(end)
        ? running(end, progress.phaseVersion())
        : new NodeTransition.Succeeded(Values.NONE, AttemptSummary.NONE);
  }

  /** A gate whose wake-up time exceeds the largest instant sleeps for ever. */
  private Instant end(Duration duration) {
    var now = clock.instant();
    var longest = Duration.between(now, Active.UNTIL_TOLD);
    return duration.compareTo(longest) < 0 ? now.plus(duration) : Active.UNTIL_TOLD;
  }

  private static NodeTransition running(Instant end, int version) {
    return new NodeTransition.Running(
        progress(version, ByteString.copyFromUtf8(end.toString())), new LookAgain.At(end));
  }

  private static CompletionStage<NodeTransition> untilTold() {
    return CompletableFuture.completedFuture(
        new NodeTransition.Running(
            progress(0, ByteString.EMPTY), new LookAgain.At(Active.UNTIL_TOLD)));
  }

  /** A waiting gate reports RUNNING, so that its execution deadline counts while it waits. */
  private static Progress progress(int version, ByteString state) {
    return new Progress(TaskPhase.RUNNING.number(), version, state, ByteString.EMPTY);
  }

  private CompletionStage<Optional<Literal>> sent(String signalId, ByteString type) {
    return signals
        .getOrAwait(assignment.execution(), assignment.path(), signalId, type)
        .thenApply(value -> value.map(bytes -> parsed(signalId, bytes)));
  }

  private static Literal parsed(String signalId, ByteString bytes) {
    try {
      return Literal.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "the stored value of signal " + signalId + " can't be parsed", e);
    }
  }

  private CompletionStage<NodeTransition> answered(String signalId, Literal answer) {
    var primitive = answer.getScalar().getPrimitive();
    if (primitive.getValueCase() != Primitive.ValueCase.BOOLEAN) {
      return failed(
          new ExecutionError(
              "RuntimeExecutionError",
              "signal '%s' is not a boolean, so it neither approves nor rejects"
                  .formatted(signalId),
              ExecutionError.Kind.UNKNOWN));
    }
    return primitive.getBoolean()
        ? approved()
        : failed(ExecutionError.user("ReceivedRejectSignal", "signal '" + signalId + "' rejects"));
  }

  private CompletionStage<NodeTransition> approved() {
    return inputs
        .read(assignment)
        .thenCompose(result ->
            switch (result) {
              case NodeInputsReader.Result.Inputs(var literals) -> succeeded(literals);
              case NodeInputsReader.Result.Impossible(var message) ->
                  CompletableFuture.completedFuture(GraphValuesHandler.impossible(message));
            });
  }

  private CompletionStage<NodeTransition> succeeded(Literals outputs) {
    return writer
        .outputs(assignment, outputs)
        .thenApply(values -> new NodeTransition.Succeeded(values, AttemptSummary.NONE));
  }

  private static CompletionStage<NodeTransition> failed(ExecutionError error) {
    return CompletableFuture.completedFuture(
        new NodeTransition.Failed(error, false, AttemptSummary.NONE));
  }
}
