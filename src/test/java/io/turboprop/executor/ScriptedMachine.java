package io.turboprop.executor;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A machine whose processes outlive the executors that started them, like real ones. An attempt
 * runs until the test ends it.
 */
final class ScriptedMachine implements TaskPlugin {
  static final String ID = "scripted";

  private final int slots;
  private final Map<String, TaskContext> running = new ConcurrentHashMap<>();
  private final Map<String, TaskTransition> ends = new ConcurrentHashMap<>();
  private final List<String> started = new CopyOnWriteArrayList<>();
  private final List<String> aborted = new CopyOnWriteArrayList<>();
  private final List<String> finished = new CopyOnWriteArrayList<>();
  private final List<Duration> times = new CopyOnWriteArrayList<>();

  /** The executions that have files on this machine. */
  final List<ExecutionId> kept = new CopyOnWriteArrayList<>();

  /** Is run before everything is killed. */
  volatile Runnable beforeKill = () -> {};

  /** The calls that never end: the names of the plugin's methods. */
  final Set<String> hanging = ConcurrentHashMap.newKeySet();

  /** Is run before an attempt is aborted. */
  volatile Runnable beforeAbort = () -> {};

  /** The executions whose files can't be deleted. */
  final Set<ExecutionId> undeletable = ConcurrentHashMap.newKeySet();

  private final AtomicInteger failingAborts = new AtomicInteger();

  private volatile boolean stillRuns = true;

  ScriptedMachine(int slots) {
    this.slots = slots;
  }

  /** The attempts that run now. */
  List<String> running() {
    return running.keySet().stream().sorted().toList();
  }

  /** All attempts that were ever started, in their order. */
  List<String> started() {
    return List.copyOf(started);
  }

  List<String> aborted() {
    return List.copyOf(aborted);
  }

  List<String> finished() {
    return List.copyOf(finished);
  }

  /** The times that executors have given. */
  List<Duration> times() {
    return List.copyOf(times);
  }

  /** Ends an attempt, and tells the executor. */
  void end(String name, TaskTransition end) {
    ends.put(name, end);
    running.get(name).lookAgain();
  }

  /** Has the next aborts fail and stop nothing. */
  void failAborts(int next) {
    failingAborts.set(next);
  }

  /** Kills what runs, as the guard does when the time is over. */
  void timeIsOver() {
    stillRuns = false;
    running.clear();
  }

  @Override
  public List<ExecutionId> executionsWithFiles() {
    return List.copyOf(kept);
  }

  @Override
  public CompletionStage<Void> forget(ExecutionId execution) {
    if (undeletable.contains(execution)) {
      return CompletableFuture.failedFuture(new IOException("a file is busy"));
    }
    kept.remove(execution);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public boolean extendRunDeadline(Duration time) {
    var before = stillRuns;
    stillRuns = true;
    times.add(time);
    if (time.isZero()) {
      beforeKill.run();
      running.clear();
    }
    return before;
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    var name = task.generatedName();
    var end = ends.get(name);
    if (end != null) {
      running.remove(name);
      return CompletableFuture.completedFuture(end);
    }
    if (state.isEmpty()) {
      started.add(name);
    }
    running.put(name, task);
    return answer(
        "handle",
        new TaskTransition.Running(
            TaskPhase.RUNNING,
            1,
            ByteString.copyFromUtf8(name),
            TaskInfo.NONE,
            new LookAgain.WhenNotified()));
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    beforeAbort.run();
    aborted.add(task.generatedName());
    if (failingAborts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return CompletableFuture.failedFuture(new IllegalStateException("a process does not end"));
    }
    running.remove(task.generatedName());
    return answer("abort", null);
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    running.remove(task.generatedName());
    finished.add(task.generatedName());
    return answer("finish", null);
  }

  private <T> CompletableFuture<T> answer(String call, @Nullable T answer) {
    return hanging.contains(call)
        ? new CompletableFuture<>()
        : CompletableFuture.completedFuture(answer);
  }
}
