package io.turboprop.plugin.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells whether the kernel's OOM killer may have killed a task: whether it has killed any process
 * since the task began. Callers ask for killed tasks only. A restarted engine knows only about the
 * kills since its own start.
 */
final class OutOfMemoryKills {
  private static final Path COUNTERS = Path.of("/proc/vmstat");
  private static final String COUNTER = "oom_kill ";

  private final Map<String, Long> countsAtStart = new ConcurrentHashMap<>();

  /** Remembers the kill count before an attempt runs; a second call changes nothing. */
  void begin(String attempt) {
    countsAtStart.putIfAbsent(attempt, count());
  }

  boolean happenedSince(String attempt) {
    var before = countsAtStart.get(attempt);
    return before != null && count() > before;
  }

  void forget(String attempt) {
    countsAtStart.remove(attempt);
  }

  /** How many processes the OOM killer has killed since the machine was started; 0 if unknown. */
  private static long count() {
    try (var lines = Files.lines(COUNTERS)) {
      return lines
          .filter(line -> line.startsWith(COUNTER))
          .mapToLong(line -> Long.parseLong(line.substring(COUNTER.length()).strip()))
          .findFirst()
          .orElse(0);
    } catch (IOException _) {
      return 0;
    }
  }
}
