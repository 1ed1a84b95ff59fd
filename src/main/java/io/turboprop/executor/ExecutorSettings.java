package io.turboprop.executor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.turboprop.setting.Section;
import java.time.Duration;

/**
 * The settings of the section {@code turboprop.executor}.
 *
 * @param lease how long an executor's attempts are its own after it has last reached the database
 * @param margin how long before the end of the lease the executor kills its processes
 * @param renewInterval the pause between two renewals of the lease
 * @param pollInterval the pause between two looks for work
 * @param sweepInterval the pause between two looks for lost executors and lost messages
 */
public record ExecutorSettings(
    Duration lease,
    Duration margin,
    Duration renewInterval,
    Duration pollInterval,
    Duration sweepInterval) {

  /** How often a lease is renewed within its time. */
  private static final int RENEWALS = 5;

  /**
   * Reads the section {@code executor} of the section {@code turboprop}.
   *
   * @throws ConfigException when a value is out of bounds; the message names the setting
   */
  public static ExecutorSettings from(Config turboprop) {
    var executor = Section.of(turboprop, "executor");
    var margin = executor.pause("lease-margin");
    var lease = executor.pauseFrom("lease-margin", "lease");
    if (margin.multipliedBy(2).compareTo(lease) > 0) {
      throw new ConfigException.BadValue(
          turboprop.getValue("executor.lease-margin").origin(),
          "turboprop.executor.lease-margin",
          "it is longer than half of turboprop.executor.lease");
    }
    return new ExecutorSettings(
        lease,
        margin,
        lease.dividedBy(RENEWALS),
        executor.pause("poll-interval"),
        executor.pause("sweep-interval"));
  }

  /** The time for which the processes of attempts may run after a renewal. */
  Duration runTime() {
    return lease.minus(margin);
  }
}
