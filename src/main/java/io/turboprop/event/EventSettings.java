package io.turboprop.event;

import com.typesafe.config.Config;
import io.turboprop.setting.BackOff;
import java.time.Duration;

/**
 * The section {@code turboprop.event}.
 *
 * @param bufferedBytesMax about how much may wait in memory; steps beyond this are read from the
 *     journal when their turn comes
 * @param batchBytesMax about how much one transaction writes; at least one step is written
 * @param pause the time from the first waiting step to the transaction, in which further steps are
 *     collected
 * @param backOff the pauses after failures of the database
 */
public record EventSettings(
    long bufferedBytesMax, long batchBytesMax, Duration pause, BackOff backOff) {

  /** Reads the section {@code turboprop.event}. */
  public static EventSettings from(Config event) {
    return new EventSettings(
        event.getBytes("buffered-max"),
        event.getBytes("batch-max"),
        event.getDuration("pause"),
        new BackOff(event.getDuration("back-off-min"), event.getDuration("back-off-max")));
  }
}
