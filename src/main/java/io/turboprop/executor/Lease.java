package io.turboprop.executor;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A session's lease as its executor sees it, by the clock of this process, which stands still for
 * nothing. It ends a little earlier than the lease in the database, so that processes are killed
 * before another executor may begin. A lease that has ended never comes back. Thread-safe.
 */
final class Lease {
  private final LongSupplier nanoTime;
  private final Duration time;
  private long endNanos;

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   * @param time from the moment before the database was asked
   * @param askedNanos that moment
   */
  Lease(LongSupplier nanoTime, Duration time, long askedNanos) {
    this.nanoTime = nanoTime;
    this.time = time;
    this.endNanos = askedNanos + time.toNanos();
  }

  /**
   * Extends the lease, which the database has renewed.
   *
   * @param askedNanos the moment before the database was asked
   * @return false if the lease has ended meanwhile
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
