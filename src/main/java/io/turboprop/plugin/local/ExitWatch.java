package io.turboprop.plugin.local;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notices the end of processes that no parent reports: those that an earlier engine started, and
 * those whose worker has died. It looks at them several times a second.
 */
final class ExitWatch {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private record Watched(LocalProcess process, Runnable ended) {}

  private final Map<String, Watched> watched = new ConcurrentHashMap<>();

  ExitWatch(PeriodicJobs jobs) {
    jobs.repeat(this::look, PAUSE);
  }

  /**
   * Runs an action once when a process has ended; watching it again changes the action.
   *
   * @param ended must be quick and must not throw
   */
  void watch(String attempt, LocalProcess process, Runnable ended) {
    watched.put(attempt, new Watched(process, ended));
  }

  void forget(String attempt) {
    watched.remove(attempt);
  }

  private void look() {
    watched.forEach((attempt, entry) -> {
      if (!entry.process().isAlive() && watched.remove(attempt, entry)) {
        entry.ended().run();
      }
    });
  }
}
