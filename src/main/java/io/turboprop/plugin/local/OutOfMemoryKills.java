package io.turboprop.plugin.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Finds whether the kernel's OOM killer may have killed a task: whether it has killed any process
 * of the engine's cgroup since the task began. On a machine without cgroups every process of the
 * machine counts. Callers ask for killed tasks only. The counter does not say which process was
 * killed: of two tasks that are killed at the same time, one by the OOM killer and one by somebody
 * else, both count as killed by it. A restarted engine knows only about the kills since its own
 * start.
 */
final class OutOfMemoryKills {
  private static final String COUNTER = "oom_kill ";

  private final Path counters;
  private final Map<String, Long> countsAtStart = new ConcurrentHashMap<>();

  OutOfMemoryKills() {
    this(Path.of("/"));
  }

  /**
   * @param root the folder that holds {@code proc} and {@code sys}
   */
  OutOfMemoryKills(Path root) {
    this.counters = counters(root);
  }

  /** The file that counts the kills, of the smallest group that it can be found for. */
  private static Path counters(Path root) {
    var groups = root.resolve("sys/fs/cgroup");
    return lines(root.resolve("proc/self/cgroup"))
        .map(line -> line.split(":", 3))
        .filter(parts -> parts.length == 3)
        .<Path>mapMulti((parts, found) -> {
          if (parts[1].isEmpty()) {
            found.accept(groups.resolve(parts[2].substring(1)).resolve("memory.events"));
          } else if (parts[1].equals("memory")) {
            var group = groups.resolve("memory");
            found.accept(group.resolve(parts[2].substring(1)).resolve("memory.oom_control"));
            // In a container the group of the container is mounted here, not that of all.
            found.accept(group.resolve("memory.oom_control"));
          }
        })
        .filter(file -> count(file).isPresent())
        .findFirst()
        .orElse(root.resolve("proc/vmstat"));
  }

  /** Remembers the kill count before an attempt runs; a second call changes nothing. */
  void begin(String attempt) {
    countsAtStart.putIfAbsent(attempt, count(counters).orElse(0));
  }

  boolean happenedSince(String attempt) {
    var before = countsAtStart.get(attempt);
    return before != null && count(counters).orElse(0) > before;
  }

  void forget(String attempt) {
    countsAtStart.remove(attempt);
  }

  /** How many processes the OOM killer has killed; empty if the file does not say. */
  private static OptionalLong count(Path file) {
    return lines(file)
        .filter(line -> line.startsWith(COUNTER))
        .mapToLong(line -> Long.parseLong(line.substring(COUNTER.length()).strip()))
        .findFirst();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException _) {
      return Stream.empty();
    }
  }
}
