package io.turboprop.plugin.local;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * All processes of one attempt: its session, and whatever descends from its leader. One that has
 * left the session and whose parent is gone cannot be found any more, and lives on.
 */
final class ProcessTree {
  private static final long ROUND_MILLIS = 20;
  private static final Duration UNTIL_KILLED = Duration.ofSeconds(5);

  private final LocalProcess leader;

  ProcessTree(LocalProcess leader) {
    this.leader = leader;
  }

  /**
   * Ends all of it: asks with SIGTERM, and kills what is left after a time. Blocks until nothing
   * runs.
   *
   * @throws IllegalStateException when something is left even then (it hangs in the kernel)
   */
  void end(Duration grace) throws InterruptedException {
    var asked = new HashSet<Long>();
    var members = members();
    var deadline = System.nanoTime() + grace.toNanos();
    while (!members.isEmpty() && System.nanoTime() < deadline) {
      ask(members, asked);
      Thread.sleep(ROUND_MILLIS);
      members = membersOrStill(members);
    }
    kill(members);
  }

  /** Kills all of it at once, as {@link #end} does in the end. */
  void kill() throws InterruptedException {
    kill(members());
  }

  private void kill(Map<Long, ProcessHandle> found) throws InterruptedException {
    var members = found;
    var deadline = System.nanoTime() + UNTIL_KILLED.toNanos();
    while (!members.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("processes that cannot be killed: " + members.keySet());
      }
      members.values().forEach(ProcessHandle::destroyForcibly);
      Thread.sleep(ROUND_MILLIS);
      members = membersOrStill(members);
    }
  }

  private static void ask(Map<Long, ProcessHandle> members, Set<Long> asked) {
    members.forEach((pid, handle) -> {
      if (asked.add(pid)) {
        handle.destroy();
      }
    });
  }

  /** The members now, and those of before that have left the tree but run. */
  private Map<Long, ProcessHandle> membersOrStill(Map<Long, ProcessHandle> before) {
    var now = members();
    before.forEach((pid, handle) -> {
      if (runs(handle)) {
        now.putIfAbsent(pid, handle);
      }
    });
    return now;
  }

  private Map<Long, ProcessHandle> members() {
    var members = new LinkedHashMap<Long, ProcessHandle>();
    if (leader.isReplaced()) {
      return members;
    }
    ProcessHandle.of(leader.pid())
        .ifPresent(handle -> {
          members.put(handle.pid(), handle);
          handle.descendants().forEach(child -> members.put(child.pid(), child));
        });
    ProcessHandle.allProcesses()
        .filter(handle -> isInSession(handle.pid()))
        .forEach(handle -> members.put(handle.pid(), handle));
    members.values().removeIf(handle -> !runs(handle));
    return members;
  }

  private boolean isInSession(long pid) {
    return LocalProcess.status(pid)
        .filter(status -> status.session() == leader.pid() || status.group() == leader.pid())
        .isPresent();
  }

  /** A zombie has ended; who should collect it may never do so. */
  private static boolean runs(ProcessHandle handle) {
    return handle.isAlive()
        && LocalProcess.status(handle.pid()).map(status -> !status.isZombie()).orElse(true);
  }
}
