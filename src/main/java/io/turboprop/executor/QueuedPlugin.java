package io.turboprop.executor;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.QueuePlace.Holder;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.setting.BackOff;
import io.turboprop.store.AttemptTables;
import io.turboprop.store.AttemptTables.Key;
import io.turboprop.store.AttemptTables.NewAttempt;
import io.turboprop.store.AttemptTables.State;
import io.turboprop.store.AttemptTables.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Stands for a plugin that is bound to its machine: an attempt becomes a row, which an executor
 * takes and reports on. Every call reads or changes the row only, so that any owner of the
 * execution can make it, on any node.
 */
public final class QueuedPlugin implements TaskPlugin {
  private static final int VERSION_WAITING = 0;
  private static final BackOff ABORT_PAUSES =
      new BackOff(Duration.ofMillis(20), Duration.ofMillis(500));

  /**
   * The longest wait for an executor to stop an attempt: longer than the owner of the attempt waits
   * for a stop ({@code NodeActor.Settings}), so that a wait that nothing ends does not stay for the
   * life of the process.
   */
  private static final Duration STOP_WAIT_MAX = Duration.ofMinutes(15);

  private final String id;
  private final AttemptTables attempts;
  private final ExecutorNews executors;
  private final BlockingCalls blocking;
  private final Duration stopWaitMax;

  /**
   * @param id the id of the plugin that executors call
   * @param blocking runs calls that block
   */
  public QueuedPlugin(
      String id, AttemptTables attempts, ExecutorNews executors, Executor blocking) {
    this(id, attempts, executors, blocking, STOP_WAIT_MAX);
  }

  QueuedPlugin(
      String id,
      AttemptTables attempts,
      ExecutorNews executors,
      Executor blocking,
      Duration stopWaitMax) {
    this.id = id;
    this.attempts = attempts;
    this.executors = executors;
    this.blocking = new BlockingCalls(blocking);
    this.stopWaitMax = stopWaitMax;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      var known = attempts.find(key(task));
      return known.isPresent() ? transition(known.get()) : queued(task, state);
    });
  }

  private TaskTransition queued(TaskContext task, ByteString state) throws IOException {
    var queued =
        attempts.enqueue(
            new NewAttempt(
                key(task),
                task.path(),
                id,
                task.template().getMetadata().getIsEager(),
                task.dueBy(),
                task.position(),
                Requests.encode(task, state)));
    if (queued) {
      executors.queued();
      return waiting();
    }
    // Another owner has queued it meanwhile, or the execution has ended.
    return attempts.find(key(task)).map(QueuedPlugin::transition).orElseGet(() -> tooLate());
  }

  private static TaskTransition transition(Status status) {
    var recorded = status.transition().map(Transitions::decode);
    return switch (status.state()) {
      case QUEUED -> waiting();
      case LEASED -> recorded.orElseGet(QueuedPlugin::waiting);
      case ENDED ->
          recorded
              .filter(transition -> !(transition instanceof Running))
              .orElseGet(() -> withoutEnd(status, recorded));
      case FINISHED -> tooLate();
    };
  }

  private static TaskTransition waiting() {
    return new Running(
        TaskPhase.WAITING_FOR_RESOURCES,
        VERSION_WAITING,
        ByteString.EMPTY,
        new TaskInfo(
            TaskInfo.NONE.logs(),
            Optional.of("waiting for an executor with a free slot"),
            Optional.empty()),
        new LookAgain.WhenNotified());
  }

  /** The end of an attempt whose executor has recorded no end. */
  private static TaskTransition withoutEnd(Status status, Optional<TaskTransition> last) {
    var error =
        status.abortRequested()
            ? ExecutionError.system("Aborted", "the attempt was aborted, and has to begin anew")
            : ExecutionError.system(
                "ExecutorLost",
                "the executor of the task has stopped, or could not reach the database for longer"
                    + " than its lease (turboprop.executor.lease); its processes have been killed");
    return new Failed(error, true, last.map(TaskTransition::info).orElse(TaskInfo.NONE));
  }

  /**
   * The answer to an owner that has lost the execution: another owner has recorded the end of the
   * attempt, so this owner can't record anything any more.
   */
  private static TaskTransition tooLate() {
    return new Failed(
        ExecutionError.system("AttemptFinished", "the end of the attempt is recorded already"),
        false,
        TaskInfo.NONE);
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      stop(key(task));
      return null;
    });
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      stop(key(task));
      attempts.finish(key(task));
      return null;
    });
  }

  /** Where an attempt waits for an executor; empty if it does not wait. Blocks. */
  public static Optional<QueuePlace> queuePlace(
      AttemptTables attempts, ExecutionId execution, String generatedName) {
    return attempts
        .place(new Key(execution, generatedName), QueuePlace.HOLDERS_MAX)
        .map(place ->
            new QueuePlace(
                place.ahead(),
                place.queued(),
                place.leased(),
                place.holders().stream()
                    .map(each -> new Holder(each.execution(), each.path(), each.executor()))
                    .toList()));
  }

  /** Blocks until nothing of the attempt runs: its executor has stopped it, or has been lost. */
  private void stop(Key key) throws IOException, InterruptedException {
    var begun = System.nanoTime();
    var state = attempts.abort(key);
    var pause = ABORT_PAUSES.min();
    while (state.filter(State.LEASED::equals).isPresent()) {
      if (System.nanoTime() - begun > stopWaitMax.toNanos()) {
        throw new IOException(
            "the executor of the attempt %s has not stopped it within %s"
                .formatted(key.name(), stopWaitMax));
      }
      executors.aborted();
      Thread.sleep(pause);
      pause = ABORT_PAUSES.next(pause);
      state = attempts.find(key).map(Status::state);
    }
  }

  private static Key key(TaskContext task) {
    return new Key(task.execution(), task.generatedName());
  }
}
