package io.turboprop.executor;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A session's lease as its executor sees it, by a clock that no change of the wall clock affects
 * and that a sleeping machine does not stop ({@link UptimeClock}). It ends a little earlier than
 * the lease in the database, so that processes are killed before another executor may begin. A
 * lease that has ended never comes back. Thread-safe.
 */
final class Lease {
  private final LongSupplier nanoTime;
  private final Duration time;
  private long endNanos;

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param time how long the lease lasts, counted from before the request was sent to the database
   * @param askedNanos the time of the clock before the request was sent
   */
  Lease(LongSupplier nanoTime, Duration time, long askedNanos) {
    this.nanoTime = nanoTime;
    this.time = time;
    this.endNanos = askedNanos + time.toNanos();
  }

  /**
   * Extends the lease after the database has renewed it.
   *
   * @param askedNanos the time of the clock before the request was sent
   * @return false if the lease has ended in the meantime
   */
  synchronized boolean extend(long askedNanos) {
    if (isOver()) {
      return false;
    }
    var extended = askedNanos + time.toNanos();
    if (extended - endNanos > 0) {
      endNanos = extended;
    }
    return true;
  }

  /** Ends the lease now. */
  synchronized void end() {
    if (!isOver()) {
      endNanos = nanoTime.getAsLong();
    }
  }

  synchronized boolean isOver() {
    return nanoTime.getAsLong() - endNanos >= 0;
  }

  /** The time that is left; zero if the lease has ended. */
  synchronized Duration left() {
    return Duration.ofNanos(Math.max(0, endNanos - nanoTime.getAsLong()));
  }
}
