package io.turboprop.setting;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The pauses after failures in a row: each twice as long as the one before, up to the longest.
 *
 * @param min the pause after the first failure, at least 1 ms
 * @param max the longest pause
 */
public record BackOff(Duration min, Duration max) {
  private static final int DOUBLINGS_MAX = 30;

  /** The pause after one more failure. */
  public Duration next(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(max) < 0 ? doubled : max;
  }

  /**
   * @param failures in a row, from 1
   */
  public Duration after(int failures) {
    var doubled = min.toMillis() * (double) (1L << Math.min(failures - 1, DOUBLINGS_MAX));
    return doubled < max.toMillis() ? Duration.ofMillis((long) doubled) : max;
  }

  /**
   * A pause that is shorter by a random part of up to a half, so that callers that failed together
   * do not come back together.
   *
   * @param failures in a row, from 1
   */
  public Duration jitteredAfter(int failures) {
    var part = 1 - ThreadLocalRandom.current().nextDouble() / 2;
    return Duration.ofMillis(Math.max(1, Math.round(after(failures).toMillis() * part)));
  }
}
