package io.turboprop.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A clock that never goes back. It shows the time of another clock. When that clock is set back,
 * this clock continues by the machine's monotonic timer, one percent slower, so that the other
 * clock catches up with it. So a sleep, a timeout or a back-off of ten seconds does not take an
 * hour when the time is set back by an hour.
 *
 * <p>When the other clock is set ahead, waits end early: a machine that was suspended has to catch
 * up.
 */
final class SteadyClock extends Clock {
  private static final Logger LOG = LoggerFactory.getLogger(SteadyClock.class);

  /** Smaller steps back are corrections of every day. */
  private static final Duration REPORTED = Duration.ofSeconds(1);

  private static final long SLOWER_PART = 100;

  private final Clock wall;
  private final LongSupplier nanoTime;
  private volatile Reading last;
  private volatile boolean isAhead;

  private record Reading(Instant at, long nanos) {
    Instant now(long nanosNow) {
      var elapsed = Math.max(0, nanosNow - nanos);
      return at.plusNanos(elapsed - elapsed / SLOWER_PART).truncatedTo(ChronoUnit.MICROS);
    }
  }

  /**
   * @param nanoTime a timer like {@link System#nanoTime}
   */
  SteadyClock(Clock wall, LongSupplier nanoTime) {
    this.wall = wall;
    this.nanoTime = nanoTime;
    this.last = new Reading(wall.instant(), nanoTime.getAsLong());
  }

  @Override
  public Instant instant() {
    var nanos = nanoTime.getAsLong();
    var shown = wall.instant();
    var steady = last.now(nanos);
    if (shown.isBefore(steady)) {
      report(Duration.between(shown, steady));
      return steady;
    }
    isAhead = false;
    last = new Reading(shown, nanos);
    return shown;
  }

  private void report(Duration ahead) {
    if (!isAhead && ahead.compareTo(REPORTED) > 0) {
      isAhead = true;
      LOG.warn(
          "the clock was set back by {}; the engine's time goes on from where it was, so that"
              + " nothing waits longer, and moves towards the clock slowly",
          ahead);
    }
  }

  @Override
  public ZoneId getZone() {
    return wall.getZone();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return new SteadyClock(wall.withZone(zone), nanoTime);
  }
}
