package io.turboprop.plugin.local;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;

/**
 * Runs tasks as processes on this machine, a limited number at the same time.
 *
 * <p>An attempt first waits for a slot and then runs; the plugin checks a running attempt only when
 * its process has ended. The source of truth is the attempt's work directory ({@code process},
 * {@code exit_code}). The state in the engine repeats the pid and the start time, for the case that
 * the directory is deleted.
 */
final class LocalProcessPlugin implements TaskPlugin {
  static final String ID = "local";

  private static final int VERSION_WAITING = 0;
  private static final int VERSION_RUNNING = 1;

  private final Duration abortGrace;
  private final LaunchPreparation preparation;
  private final Starter starter;
  private final RunningAttempts attempts;
  private final PreparationFailures preparationFailures = new PreparationFailures();
  private final RunDeadline runDeadline;
  private final OrphanedWorkDirectories orphanedDirectories;
  private final TaskLogs logs;
  private final Path workFolder;
  private final Runnable release;
  private final BlockingCalls blocking =
      new BlockingCalls(Executors.newVirtualThreadPerTaskExecutor());

  /** Starts a prepared attempt, as a plain process or in a warm worker. */
  interface Starter {
    LocalProcess start(Launch launch, Runnable ended)
        throws IOException, InterruptedException, TaskSpecificationException;
  }

  /**
   * @param workFolder the folder of all work directories
   * @param release releases the plugin's resources: threads, warm workers
   */
  LocalProcessPlugin(
      Duration abortGrace,
      LaunchPreparation preparation,
      Starter starter,
      RunningAttempts attempts,
      RunDeadline runDeadline,
      OrphanedWorkDirectories orphanedDirectories,
      TaskLogs logs,
      Path workFolder,
      Runnable release) {
    this.abortGrace = abortGrace;
    this.preparation = preparation;
    this.starter = starter;
    this.attempts = attempts;
    this.runDeadline = runDeadline;
    this.orphanedDirectories = orphanedDirectories;
    this.logs = logs;
    this.workFolder = workFolder;
    this.release = release;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int slots() {
    return attempts.slots();
  }

  @Override
  public boolean extendRunDeadline(Duration time) throws IOException {
    return runDeadline.extend(time);
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      var directory = directory(task);
      try {
        return look(task, directory, state);
      } catch (TaskSpecificationException e) {
        return new Failed(ExecutionError.user(e.code(), e.text()), false, logs.info(directory));
      }
    });
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      var directory = directory(task);
      if (hasBegun(directory, state)) {
        tree(directory, state).end(abortGrace);
      }
      attempts.leave(directory);
      return null;
    });
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      var directory = directory(task);
      if (hasBegun(directory, state)) {
        tree(directory, state).kill();
      }
      attempts.leave(directory);
      preparationFailures.forget(directory.name());
      orphanedDirectories.leave(directory);
      directory.delete();
      return null;
    });
  }

  @Override
  public Optional<QueuePlace> queuePlace(ExecutionId execution, String generatedName) {
    return attempts.queuePlace(WorkDirectory.name(execution, generatedName));
  }

  @Override
  public CompletionStage<Void> forget(ExecutionId execution) {
    return blocking.callChecked(() -> {
      logs.delete(execution);
      return null;
    });
  }

  @Override
  public List<ExecutionId> executionsWithFiles() throws IOException {
    return logs.executions();
  }

  @Override
  public void close() {
    release.run();
  }

  private TaskTransition look(TaskContext task, WorkDirectory directory, ByteString state)
      throws IOException, InterruptedException, TaskSpecificationException {
    orphanedDirectories.use(directory);
    var process = process(directory, state);
    if (process.isEmpty()) {
      return start(task, directory);
    }
    // The order matters: a process that ends between the two reads has written its exit code.
    var alive = process.get().isAlive();
    var exitCode = directory.exitCode();
    if (exitCode.isPresent()) {
      return new Completion(task, directory, logs.infoAtEnd(directory))
          .of(exitCode.getAsInt(), attempts.memoryWasShort(directory));
    }
    if (alive) {
      attempts.follow(task, directory, process.get());
      return running(process.get(), directory);
    }
    return new Completion(task, directory, logs.infoAtEnd(directory)).lost(process.get());
  }

  private TaskTransition start(TaskContext task, WorkDirectory directory)
      throws IOException, InterruptedException, TaskSpecificationException {
    if (!attempts.admit(task, directory)) {
      return waiting();
    }
    var started = false;
    try {
      var launch = preparation.prepare(task, directory);
      runDeadline.check();
      var process = starter.start(launch, attempts.begin(task, directory));
      started = true;
      return running(process, directory);
    } catch (IOException e) {
      var error = preparationFailures.count(directory.name(), e);
      if (error.isEmpty()) {
        throw e;
      }
      return new Failed(error.get(), true, logs.info(directory));
    } finally {
      if (!started) {
        attempts.leave(directory);
      }
    }
  }

  private static TaskTransition waiting() {
    var reason = Optional.of("waiting for a slot on this machine");
    return new Running(
        TaskPhase.WAITING_FOR_RESOURCES,
        VERSION_WAITING,
        ByteString.EMPTY,
        new TaskInfo(TaskInfo.NONE.logs(), reason, Optional.empty()),
        new LookAgain.WhenNotified());
  }

  private TaskTransition running(LocalProcess process, WorkDirectory directory) {
    return new Running(
        TaskPhase.RUNNING,
        VERSION_RUNNING,
        process.state(),
        logs.info(directory),
        new LookAgain.WhenNotified());
  }

  /**
   * The process of an attempt: the recorded one, or that of its directory if the engine ended
   * before it was recorded. The directory belongs to the task, so the record comes first: a task
   * must not choose which process the engine watches and kills.
   */
  private static Optional<LocalProcess> process(WorkDirectory directory, ByteString state)
      throws IOException, TaskSpecificationException {
    var recorded = LocalProcess.parse(state);
    return recorded.isPresent() ? recorded : directory.process();
  }

  private static boolean hasBegun(WorkDirectory directory, ByteString state) {
    return !state.isEmpty() || Files.exists(directory.root(), LinkOption.NOFOLLOW_LINKS);
  }

  private static ProcessTree tree(WorkDirectory directory, ByteString state) throws IOException {
    try {
      return new ProcessTree(process(directory, state), directory.root());
    } catch (TaskSpecificationException _) {
      return new ProcessTree(Optional.empty(), directory.root());
    }
  }

  private WorkDirectory directory(TaskContext task) {
    return WorkDirectory.of(task, workFolder, logs.folder());
  }
}
