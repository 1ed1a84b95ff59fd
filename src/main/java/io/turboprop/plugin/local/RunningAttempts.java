package io.turboprop.plugin.local;

import io.turboprop.plugin.TaskContext;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this engine keeps of attempts while they run: their slots, the listeners of their end, and
 * that their logs are watched. It may be lost; {@link #follow} makes it again.
 */
final class RunningAttempts {
  private final Slots slots;
  private final ExitWatch exits;
  private final TaskLogs logs;
  private final OutOfMemoryKills outOfMemoryKills = new OutOfMemoryKills();

  /** Called when an attempt has ended, by attempt. */
  private final Map<String, Runnable> listeners = new ConcurrentHashMap<>();

  RunningAttempts(Slots slots, ExitWatch exits, TaskLogs logs) {
    this.slots = slots;
    this.exits = exits;
    this.logs = logs;
  }

  /** Whether an attempt may start now; if not, it is notified when it may. */
  boolean admit(TaskContext task, WorkDirectory directory) {
    var turn = new Slots.Turn(task.dueBy(), task.position());
    return needsNoSlot(task) || slots.take(directory.name(), turn, task::lookAgain);
  }

  /** An eager task mostly waits, and for executions that need slots themselves. */
  private static boolean needsNoSlot(TaskContext task) {
    return task.template().getMetadata().getIsEager();
  }

  /**
   * Prepares for an attempt that is about to start.
   *
   * @return to be run when it has ended
   */
  Runnable begin(TaskContext task, WorkDirectory directory) {
    listeners.put(directory.name(), task::lookAgain);
    outOfMemoryKills.begin(directory.name());
    logs.watch(directory);
    return () -> ended(directory.name());
  }

  /** Looks after a process that runs: an earlier engine's, or one that is known already. */
  void follow(TaskContext task, WorkDirectory directory, LocalProcess process) {
    var known = listeners.put(directory.name(), task::lookAgain) != null;
    if (known) {
      return;
    }
    if (!needsNoSlot(task)) {
      slots.adopt(directory.name());
    }
    outOfMemoryKills.begin(directory.name());
    logs.watch(directory);
    exits.watch(directory.name(), process, () -> ended(directory.name()));
  }

  /** Whether the kernel has killed processes for want of memory since the attempt began. */
  boolean memoryWasShort(WorkDirectory directory) {
    return outOfMemoryKills.happenedSince(directory.name());
  }

  /** Should it turn out that another process is the attempt, that one is followed. */
  private void ended(String attempt) {
    slots.release(attempt);
    Optional.ofNullable(listeners.remove(attempt)).ifPresent(Runnable::run);
  }

  /** Forgets an attempt of which nothing runs, or will: another attempt may have its slot. */
  void leave(WorkDirectory directory) {
    exits.forget(directory.name());
    listeners.remove(directory.name());
    outOfMemoryKills.forget(directory.name());
    slots.release(directory.name());
    logs.leave(directory);
  }
}
