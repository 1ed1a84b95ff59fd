package io.turboprop.plugin.local;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Watches processes whose end no parent reports: processes that an earlier engine process started,
 * and processes whose worker has died. Checks them several times a second.
 */
final class ExitWatch {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private record Watched(LocalProcess process, Runnable ended) {}

  private final Map<String, Watched> watched = new ConcurrentHashMap<>();

  ExitWatch(PeriodicJobs jobs) {
    jobs.repeat(this::look, PAUSE);
  }

  /**
   * Runs an action once when a process has ended; a second call for the same process replaces the
   * action.
   *
   * @param ended the action, which must be quick and must not throw
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
