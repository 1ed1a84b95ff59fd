package io.turboprop.plugin.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All processes of an attempt: the processes of its session, the descendants of the session's
 * leader, and the processes with the attempt's work directory in their environment. Every program
 * that the task starts inherits this variable, so a program is found even if it has left the
 * session and its parent has ended. A program is not found if it has left the session and was
 * started with an empty environment.
 */
final class ProcessTree {
  private static final long ROUND_MILLIS = 20;
  private static final Duration UNTIL_KILLED = Duration.ofSeconds(5);
  private static final Path PROC = Path.of("/proc");
  private static final int ENVIRONMENT_BYTES_MAX = 2 * 1024 * 1024;

  private final Optional<LocalProcess> leader;
  private final byte[] marker;

  /**
   * @param leader the leader of the session; empty when it is unknown
   * @param directory the work directory, which is the value of {@link TaskEnvironment#ATTEMPT} in
   *     the environment of its programs
   */
  ProcessTree(Optional<LocalProcess> leader, Path directory) {
    this.leader = leader;
    this.marker = ("\0" + TaskEnvironment.ATTEMPT + "=" + directory + "\0").getBytes(UTF_8);
  }

  /**
   * Ends all processes: sends SIGTERM first, and SIGKILL to the remaining processes after a time.
   * Blocks until no process runs.
   *
   * @throws IllegalStateException when a process can't be killed because it hangs in the kernel
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

  /** Kills all processes immediately, as the last step of {@link #end} does. */
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

  /** The present members, and earlier members that have left the tree but still run. */
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
    var living = leader.filter(process -> !process.isReplaced());
    living
        .flatMap(process -> ProcessHandle.of(process.pid()))
        .ifPresent(handle -> {
          members.put(handle.pid(), handle);
          handle.descendants().forEach(child -> members.put(child.pid(), child));
        });
    for (var pid : processes()) {
      if (!members.containsKey(pid) && belongs(pid, living)) {
        ProcessHandle.of(pid).ifPresent(handle -> members.put(pid, handle));
      }
    }
    members.values().removeIf(handle -> !runs(handle));
    return members;
  }

  /** Empty without {@code /proc}; in that case only descendants are found. */
  private static List<Long> processes() {
    try (var entries = Files.list(PROC)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> Character.isDigit(name.charAt(0)))
          .map(Long::parseLong)
          .toList();
    } catch (IOException | UncheckedIOException _) {
      return List.of();
    }
  }

  private boolean belongs(long pid, Optional<LocalProcess> living) {
    var status = LocalProcess.status(pid);
    if (status.isEmpty() || status.get().isZombie()) {
      return false;
    }
    var isInSession =
        living
            .filter(process ->
                status.get().session() == process.pid() || status.get().group() == process.pid())
            .isPresent();
    return isInSession || isYounger(status.get()) && isMarked(pid);
  }

  private boolean isYounger(LocalProcess.Status status) {
    return leader.map(process -> status.since() >= process.since()).orElse(true);
  }

  /**
   * The environment of another user's process can't be read, so such a process does not belong to
   * the attempt.
   */
  private boolean isMarked(long pid) {
    try (var in = Files.newInputStream(PROC.resolve(pid + "/environ"))) {
      var environment = new ByteArrayOutputStream();
      environment.write(0);
      environment.write(in.readNBytes(ENVIRONMENT_BYTES_MAX));
      environment.write(0);
      return contains(environment.toByteArray(), marker);
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean contains(byte[] bytes, byte[] part) {
    for (var start = 0; start + part.length <= bytes.length; start++) {
      if (Arrays.equals(bytes, start, start + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }

  /** A zombie has ended, even if its parent never collects it. */
  private static boolean runs(ProcessHandle handle) {
    return handle.isAlive()
        && LocalProcess.status(handle.pid()).map(status -> !status.isZombie()).orElse(true);
  }
}
