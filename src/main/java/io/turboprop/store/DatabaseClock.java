package io.turboprop.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of the database, which all nodes of a cluster share: what one node writes down as a
 * moment, another compares with its own now. While the clock of this machine is right it is used as
 * it is; if it differs from the database's by more than a quarter of a second, the difference is
 * added.
 */
final class DatabaseClock {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);

  /** Smaller differences may come from the way to the database, and do no harm. */
  private static final Duration TOLERATED = Duration.ofMillis(250);

  private volatile Duration difference = Duration.ZERO;

  /**
   * Takes note of a reading.
   *
   * @param before the time of this machine before the question
   * @param database the answer
   * @param after the time of this machine after the answer
   */
  void observe(Instant before, Instant database, Instant after) {
    var wayAndBack = Duration.between(before, after);
    if (wayAndBack.isNegative() || wayAndBack.compareTo(TOLERATED) > 0) {
      return;
    }
    var read = Duration.between(before.plus(wayAndBack.dividedBy(2)), database);
    var difference = read.abs().compareTo(TOLERATED) > 0 ? read : Duration.ZERO;
    if (difference.minus(this.difference).abs().compareTo(TOLERATED) > 0) {
      LOG.warn(
          "the clock of this machine differs from the database's by {} ms; the database's counts",
          difference.toMillis());
      this.difference = difference;
    }
  }

  /** A clock that shows the database's time, made from one of this machine. */
  Clock over(Clock machine) {
    return new Clock() {
      @Override
      public Instant instant() {
        return machine.instant().plus(difference);
      }

      @Override
      public ZoneId getZone() {
        return machine.getZone();
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return over(machine.withZone(zone));
      }
    };
  }
}
