package io.turboprop.node;

import flyteidl.core.IdentifierOuterClass.Identifier;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The durations of the latest runs of each task in this JVM, over all versions and executions.
 * After a restart they are collected again. Thread-safe.
 */
final class TaskDurations {
  private static final int RUNS_MAX = 200;

  private final ConcurrentMap<String, Deque<Duration>> byTask = new ConcurrentHashMap<>();

  /** Records the duration of a succeeded run. */
  void add(Identifier task, Duration duration) {
    byTask.compute(
        key(task),
        (_, known) -> {
          var runs = known == null ? new ArrayDeque<Duration>() : known;
          runs.addLast(duration);
          if (runs.size() > RUNS_MAX) {
            runs.removeFirst();
          }
          return runs;
        });
  }

  /**
   * The duration that the given part of the runs did not exceed.
   *
   * @param part more than 0, at most 1
   * @param runsMin how many runs are needed for an answer
   */
  Optional<Duration> percentile(Identifier task, double part, int runsMin) {
    var result = new Duration[1];
    byTask.computeIfPresent(
        key(task),
        (_, runs) -> {
          if (runs.size() >= runsMin) {
            var sorted = runs.stream().sorted().toList();
            result[0] = sorted.get((int) Math.ceil(part * sorted.size()) - 1);
          }
          return runs;
        });
    return Optional.ofNullable(result[0]);
  }

  private static String key(Identifier task) {
    return task.getProject() + ':' + task.getDomain() + ':' + task.getName();
  }
}
