package io.turboprop.plugin.local;

import io.turboprop.setting.PeriodicJob;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats small jobs on a thread of its own; a failed job is logged and repeated like any other.
 */
final class PeriodicJobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeriodicJobs.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("local-processes").factory());

  /** Starts no further job; a job under way ends normally. */
  @Override
  public void close() {
    thread.shutdown();
  }

  /** Runs a job again and again until this object is closed, with a pause before each run. */
  void repeat(Runnable job, Duration pause) {
    var logged =
        PeriodicJob.of(
            LOG, "a periodic job of the local processes has failed, and is repeated", job::run);
    var _ =
        thread.scheduleWithFixedDelay(
            logged, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }
}
