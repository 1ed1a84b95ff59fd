package io.turboprop.plugin.local;

import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.QueuePlace.Holder;
import io.turboprop.plugin.TaskContext;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The state in memory of running attempts: their slots, the listeners of their end, and their
 * watched logs. A restart loses this state, and {@link #follow} restores it.
 */
final class RunningAttempts {
  private final Slots slots;
  private final ExitWatch exits;
  private final TaskLogs logs;
  private final OutOfMemoryKills outOfMemoryKills = new OutOfMemoryKills();

  /** The listeners of the end of each attempt. */
  private final Map<String, Runnable> listeners = new ConcurrentHashMap<>();

  RunningAttempts(Slots slots, ExitWatch exits, TaskLogs logs) {
    this.slots = slots;
    this.exits = exits;
    this.logs = logs;
  }

  /** How many attempts may run at the same time. */
  int slots() {
    return slots.capacity();
  }

  /** Whether an attempt may start now; if not, it is notified when it has a slot. */
  boolean admit(TaskContext task, WorkDirectory directory) {
    var turn = new Slots.Turn(task.dueBy(), task.position());
    return needsNoSlot(task) || slots.take(directory.name(), holder(task), turn, task::lookAgain);
  }

  /**
   * Whether a task runs without a slot. An eager task does: it mostly waits for executions that
   * need slots themselves.
   */
  private static boolean needsNoSlot(TaskContext task) {
    return task.template().getMetadata().getIsEager();
  }

  /** Where an attempt waits for a slot; empty if it does not wait. */
  Optional<QueuePlace> queuePlace(String attempt) {
    return slots.place(attempt);
  }

  private static Holder holder(TaskContext task) {
    return new Holder(task.execution(), task.path(), "");
  }

  /**
   * Registers an attempt that is about to start.
   *
   * @return the action to run when the attempt has ended
   */
  Runnable begin(TaskContext task, WorkDirectory directory) {
    listeners.put(directory.name(), task::lookAgain);
    outOfMemoryKills.begin(directory.name());
    logs.watch(directory);
    return () -> ended(directory.name());
  }

  /**
   * Watches a running process: a process of an earlier engine, or a process that is already
   * watched.
   */
  void follow(TaskContext task, WorkDirectory directory, LocalProcess process) {
    var known = listeners.put(directory.name(), task::lookAgain) != null;
    if (known) {
      return;
    }
    if (!needsNoSlot(task)) {
      slots.adopt(directory.name(), holder(task));
    }
    outOfMemoryKills.begin(directory.name());
    logs.watch(directory);
    exits.watch(directory.name(), process, () -> ended(directory.name()));
  }

  /** Whether the kernel's OOM killer has killed processes since the attempt began. */
  boolean memoryWasShort(WorkDirectory directory) {
    return outOfMemoryKills.happenedSince(directory.name());
  }

  /** If another process turns out to be the attempt's process, the engine watches that process. */
  private void ended(String attempt) {
    slots.release(attempt);
    Optional.ofNullable(listeners.remove(attempt)).ifPresent(Runnable::run);
  }

  /**
   * Forgets an attempt that does not run and will not run; its slot is free for another attempt.
   */
  void leave(WorkDirectory directory) {
    exits.forget(directory.name());
    listeners.remove(directory.name());
    outOfMemoryKills.forget(directory.name());
    slots.release(directory.name());
    logs.leave(directory);
  }
}
