package io.turboprop.event;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * The section {@code turboprop.event}.
 *
 * @param bufferedBytesMax about how much may wait in memory; what comes beyond is read from the
 *     journal when its turn has come
 * @param batchBytesMax about how much one transaction writes; at least one step
 * @param pause from the first that waits to the transaction, in which more is collected
 * @param backOffMin the pause after a failure of the database; it doubles from then on
 * @param backOffMax the longest such pause
 */
public record EventSettings(
    long bufferedBytesMax,
    long batchBytesMax,
    Duration pause,
    Duration backOffMin,
    Duration backOffMax) {

  /** Reads the section {@code turboprop.event}. */
  public static EventSettings from(Config event) {
    return new EventSettings(
        event.getBytes("buffered-max"),
        event.getBytes("batch-max"),
        event.getDuration("pause"),
        event.getDuration("back-off-min"),
        event.getDuration("back-off-max"));
  }
}
