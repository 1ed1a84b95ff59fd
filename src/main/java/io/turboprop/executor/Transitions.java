package io.turboprop.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.executor.v1.FailedTask;
import io.turboprop.executor.v1.RunningTask;
import io.turboprop.executor.v1.StoredTransition;
import io.turboprop.executor.v1.SucceededTask;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Outputs;
import java.util.Optional;

/** The stored form of a {@link TaskTransition}. */
final class Transitions {
  private Transitions() {}

  /** Encodes a transition; when the executor looks again is its own affair, and is not stored. */
  static ByteString encode(TaskTransition transition) {
    var stored = StoredTransition.newBuilder();
    switch (transition) {
      case TaskTransition.Running running ->
          stored.setRunning(
              RunningTask.newBuilder()
                  .setPhase(running.phase().number())
                  .setVersion(running.version())
                  .setState(running.state()));
      case TaskTransition.Succeeded(var outputs, _) -> stored.setSucceeded(succeeded(outputs));
      case TaskTransition.Failed(var error, var recoverable, _) ->
          stored.setFailed(
              FailedTask.newBuilder()
                  .setCode(error.code())
                  .setMessage(error.message())
                  .setKind(error.kind().number())
                  .setRecoverable(recoverable));
    }
    var info = transition.info();
    stored.addAllLogs(info.logs());
    info.reason().ifPresent(stored::setReason);
    info.customInfo().ifPresent(stored::setCustomInfo);
    return stored.build().toByteString();
  }

  private static SucceededTask succeeded(Outputs outputs) {
    return switch (outputs) {
      case Outputs.Inline(var literals) ->
          SucceededTask.newBuilder().setOutputs(literals.bytes()).build();
      case Outputs.Files _ -> SucceededTask.getDefaultInstance();
    };
  }

  /**
   * Decodes a transition; a running attempt is looked at again when the executor tells.
   *
   * @throws IllegalArgumentException when the bytes are not a transition
   */
  static TaskTransition decode(ByteString bytes) {
    var stored = parse(bytes);
    var info = info(stored);
    return switch (stored.getTransitionCase()) {
      case RUNNING -> running(stored.getRunning(), info);
      case SUCCEEDED -> new TaskTransition.Succeeded(outputs(stored.getSucceeded()), info);
      case FAILED -> failed(stored.getFailed(), info);
      case TRANSITION_NOT_SET ->
          throw new IllegalArgumentException("a StoredTransition of an unknown kind");
    };
  }

  private static StoredTransition parse(ByteString bytes) {
    try {
      return StoredTransition.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a StoredTransition: " + e.getMessage(), e);
    }
  }

  private static TaskInfo info(StoredTransition stored) {
    return new TaskInfo(
        stored.getLogsList(),
        stored.hasReason() ? Optional.of(stored.getReason()) : Optional.empty(),
        stored.hasCustomInfo() ? Optional.of(stored.getCustomInfo()) : Optional.empty());
  }

  private static TaskTransition running(RunningTask stored, TaskInfo info) {
    return new TaskTransition.Running(
        phase(stored.getPhase()),
        stored.getVersion(),
        stored.getState(),
        info,
        new LookAgain.WhenNotified());
  }

  private static TaskPhase phase(int number) {
    for (var phase : TaskPhase.values()) {
      if (phase.number() == number) {
        return phase;
      }
    }
    throw new IllegalArgumentException("no phase has the number " + number);
  }

  private static Outputs outputs(SucceededTask stored) {
    return stored.hasOutputs()
        ? new Outputs.Inline(Literals.parse(stored.getOutputs()))
        : new Outputs.Files();
  }

  private static TaskTransition failed(FailedTask stored, TaskInfo info) {
    var kind = ExecutionError.Kind.of(stored.getKind());
    return new TaskTransition.Failed(
        new ExecutionError(stored.getCode(), stored.getMessage(), kind),
        stored.getRecoverable(),
        info);
  }
}
