package io.turboprop.flyteadmin;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The pauses after failures: each twice as long as the one before, up to the longest, and each
 * shorter by a random part of up to a half, so that many senders do not come back together.
 */
record BackOff(Duration least, Duration most) {
  private static final int DOUBLINGS_MAX = 30;

  /**
   * @param failures in a row, from 1
   */
  Duration after(int failures) {
    var doubled = least.toMillis() * (double) (1L << Math.min(failures - 1, DOUBLINGS_MAX));
    var millis = Math.min(doubled, (double) most.toMillis());
    return Duration.ofMillis(
        Math.max(1, Math.round(millis * (1 - ThreadLocalRandom.current().nextDouble() / 2))));
  }
}
