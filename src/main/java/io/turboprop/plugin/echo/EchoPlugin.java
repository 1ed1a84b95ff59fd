package io.turboprop.plugin.echo;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Literals.Literal;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Outputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Flyte's no-op task type {@code echo}: its input, if it has one, becomes its output. The task's
 * {@code custom} struct may request a pause and failures, see {@link EchoParameters}.
 *
 * <p>The end time of a pause is recorded, so that a restart of the engine neither loses nor repeats
 * the pause. A task without outputs succeeds, whatever its inputs (Flyte demands as many inputs as
 * outputs). Other interfaces than these and one-to-one are refused as a USER error.
 */
public final class EchoPlugin implements TaskPlugin {
  static final String ID = "echo";

  /** The engine handles a longer pause, so that the entity may passivate meanwhile. */
  private static final Duration NAP = Duration.ofSeconds(2);

  private static final Executor BLOCKING = Thread::startVirtualThread;

  private final Duration sleepDefault;
  private final Clock clock;

  EchoPlugin(Duration sleepDefault, Clock clock) {
    this.sleepDefault = sleepDefault;
    this.clock = clock;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    try {
      return look(task, state, EchoParameters.of(task.template().getCustom(), sleepDefault));
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(refused(String.valueOf(e.getMessage())));
    }
  }

  private CompletionStage<TaskTransition> look(
      TaskContext task, ByteString state, EchoParameters order) {
    var now = clock.instant();
    var end = state.isEmpty() ? now.plus(order.sleep()) : moment(state);
    if (end.isAfter(now)) {
      return CompletableFuture.completedFuture(sleeping(now, end));
    }
    var failure = order.failure(task.attempt());
    if (failure.isPresent()) {
      return CompletableFuture.completedFuture(
          new TaskTransition.Failed(failure.orElseThrow(), order.recoverable(), TaskInfo.NONE));
    }
    return order
        .graph()
        .<CompletionStage<TaskTransition>>map(
            graph -> CompletableFuture.supplyAsync(() -> leave(task, graph), BLOCKING))
        .orElseGet(() -> CompletableFuture.completedFuture(echo(task)));
  }

  private static TaskTransition leave(TaskContext task, EchoGraph graph) {
    try {
      task.store().write(task.outputPrefix().child(EchoGraph.FILE), graph.bytes(task));
      return new TaskTransition.Succeeded(new Outputs.Files(), TaskInfo.NONE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TaskTransition sleeping(Instant now, Instant end) {
    var left = Duration.between(now, end);
    return new TaskTransition.Running(
        TaskPhase.RUNNING,
        0,
        bytes(end),
        TaskInfo.NONE,
        left.compareTo(NAP) > 0 ? new LookAgain.At(end) : new LookAgain.After(left));
  }

  private static TaskTransition echo(TaskContext task) {
    var types = task.template().getInterface();
    var outputs = types.getOutputs().getVariablesCount();
    if (outputs > 1 || outputs == 1 && types.getInputs().getVariablesCount() != 1) {
      return refused(
          "an echo task has no output, or one output and one input, which is copied to it");
    }
    var output = output(types);
    var value = task.inputs().map().getLiteralsMap().values().stream().findFirst();
    var literals =
        output
            .map(name -> Literals.of(Map.of(name, value.orElse(Literal.getDefaultInstance()))))
            .orElse(Literals.EMPTY);
    return new TaskTransition.Succeeded(new Outputs.Inline(literals), TaskInfo.NONE);
  }

  private static Optional<String> output(TypedInterface types) {
    return types.getOutputs().getVariablesMap().keySet().stream().findFirst();
  }

  private static TaskTransition refused(String message) {
    return new TaskTransition.Failed(
        ExecutionError.user("BadTaskSpecification", message), false, TaskInfo.NONE);
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return CompletableFuture.completedFuture(null);
  }

  private static ByteString bytes(Instant moment) {
    try {
      var out = ByteString.newOutput(10);
      var coded = CodedOutputStream.newInstance(out);
      coded.writeInt64NoTag(moment.toEpochMilli());
      coded.flush();
      return out.toByteString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant moment(ByteString state) {
    try {
      return Instant.ofEpochMilli(state.newCodedInput().readInt64());
    } catch (IOException e) {
      throw new UncheckedIOException("not the state of an echo task", e);
    }
  }
}
