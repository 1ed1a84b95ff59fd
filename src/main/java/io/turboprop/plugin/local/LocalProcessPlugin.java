package io.turboprop.plugin.local;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Running;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Runs tasks as processes on this machine, a bounded number at once.
 *
 * <p>An attempt goes from waiting for a slot to running in one step, and is then only looked at
 * when its process has ended. Where the truth is: in the attempt's work directory ({@code process},
 * {@code exit_code}). The state handed to the engine repeats pid and start time, for the case that
 * the directory is gone.
 */
final class LocalProcessPlugin implements TaskPlugin {
  static final String ID = "local";

  private static final int VERSION_WAITING = 0;
  private static final int VERSION_RUNNING = 1;

  private final Path workFolder;
  private final Duration abortGrace;
  private final LaunchPreparation preparation;
  private final Starter starter;
  private final Slots slots;
  private final ExitWatch exits;
  private final TaskLogs logs;
  private final Executor blocking;

  /** Whom to tell when an attempt has ended, for those that this engine follows. */
  private final Map<String, Runnable> listeners = new ConcurrentHashMap<>();

  /** Starts a prepared attempt in one way or another. */
  interface Starter {
    LocalProcess start(Launch launch, Runnable ended) throws IOException, InterruptedException;
  }

  /**
   * @param workFolder the folder of all work directories
   * @param blocking runs what blocks, best on virtual threads
   */
  LocalProcessPlugin(
      Path workFolder,
      Duration abortGrace,
      LaunchPreparation preparation,
      Starter starter,
      Slots slots,
      ExitWatch exits,
      TaskLogs logs,
      Executor blocking) {
    this.workFolder = workFolder;
    this.abortGrace = abortGrace;
    this.preparation = preparation;
    this.starter = starter;
    this.slots = slots;
    this.exits = exits;
    this.logs = logs;
    this.blocking = blocking;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    return async(() -> look(task, directory(task), state));
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return async(() -> {
      var directory = directory(task);
      slots.release(directory.name());
      var process = process(directory, state);
      if (process.isPresent()) {
        new ProcessTree(process.get()).end(abortGrace);
      }
      return null;
    });
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return async(() -> {
      var directory = directory(task);
      exits.forget(directory.name());
      listeners.remove(directory.name());
      slots.release(directory.name());
      killWhatIsLeft(directory, state);
      logs.leave(directory);
      directory.delete();
      return null;
    });
  }

  private TaskTransition look(TaskContext task, WorkDirectory directory, ByteString state)
      throws IOException, InterruptedException {
    var process = process(directory, state);
    if (process.isEmpty()) {
      return start(task, directory);
    }
    // In this order: a process that ends in between has left its exit code.
    var alive = process.get().isAlive();
    var exitCode = directory.exitCode();
    if (exitCode.isPresent()) {
      return ended(task, directory, exitCode.getAsInt());
    }
    if (alive) {
      follow(task, directory, process.get());
      return running(process.get(), directory);
    }
    slots.release(directory.name());
    return Completion.lost(task, process.get(), logs.info(directory));
  }

  private TaskTransition start(TaskContext task, WorkDirectory directory)
      throws IOException, InterruptedException {
    // An eager task mostly waits for executions that need slots themselves.
    if (!task.template().getMetadata().getIsEager()
        && !slots.take(directory.name(), task::lookAgain)) {
      return waiting();
    }
    var started = false;
    try {
      var launch = preparation.prepare(task, directory);
      listeners.put(directory.name(), task::lookAgain);
      logs.watch(directory);
      var process = starter.start(launch, () -> tellEnded(directory.name()));
      started = true;
      return running(process, directory);
    } catch (TaskSpecificationException e) {
      return new Failed(ExecutionError.user(e.code(), e.text()), false, TaskInfo.NONE);
    } finally {
      if (!started) {
        listeners.remove(directory.name());
        slots.release(directory.name());
      }
    }
  }

  /** Looks after a process that runs already: an earlier engine's, or one that is known here. */
  private void follow(TaskContext task, WorkDirectory directory, LocalProcess process) {
    var known = listeners.put(directory.name(), task::lookAgain) != null;
    if (!known) {
      slots.adopt(directory.name());
      logs.watch(directory);
      exits.watch(directory.name(), process, () -> tellEnded(directory.name()));
    }
  }

  private void tellEnded(String attempt) {
    slots.release(attempt);
    Optional.ofNullable(listeners.get(attempt)).ifPresent(Runnable::run);
  }

  private TaskTransition ended(TaskContext task, WorkDirectory directory, int exitCode)
      throws IOException {
    slots.release(directory.name());
    var info = logs.info(directory);
    try {
      return Completion.of(task, directory, exitCode, info);
    } catch (TaskSpecificationException e) {
      return new Failed(ExecutionError.user(e.code(), e.text()), false, info);
    }
  }

  private static TaskTransition waiting() {
    var reason = Optional.of("waiting for a slot on this machine");
    return new Running(
        TaskPhase.WAITING_FOR_RESOURCES,
        VERSION_WAITING,
        ByteString.EMPTY,
        new TaskInfo(TaskInfo.NONE.logs(), reason, Optional.empty()),
        new LookAgain.WhenTold());
  }

  private TaskTransition running(LocalProcess process, WorkDirectory directory) {
    return new Running(
        TaskPhase.RUNNING,
        VERSION_RUNNING,
        process.state(),
        logs.info(directory),
        new LookAgain.WhenTold());
  }

  /** What a task leaves running ends with it; its supervisor has seen to that, unless it died. */
  private static void killWhatIsLeft(WorkDirectory directory, ByteString state)
      throws IOException, InterruptedException {
    var process = process(directory, state);
    if (process.isPresent() && directory.exitCode().isEmpty()) {
      new ProcessTree(process.get()).kill();
    }
  }

  private static Optional<LocalProcess> process(WorkDirectory directory, ByteString state)
      throws IOException {
    return directory.process().or(() -> LocalProcess.parse(state));
  }

  private WorkDirectory directory(TaskContext task) {
    return WorkDirectory.of(task, workFolder, logs.folder());
  }

  private <T> CompletionStage<T> async(Callable<T> call) {
    var result = new CompletableFuture<T>();
    blocking.execute(() -> {
      try {
        result.complete(call.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }
}
