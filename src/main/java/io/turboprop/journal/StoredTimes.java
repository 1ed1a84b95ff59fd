package io.turboprop.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Stored timestamps: microseconds from a base, so that most take a byte or two. Parts of a
 * microsecond are lost; the engine's clock has none.
 *
 * @param base microseconds since 1970
 */
record StoredTimes(long base) {
  static StoredTimes from(Instant base) {
    return new StoredTimes(micros(base));
  }

  long encode(Instant moment) {
    return micros(moment) - base;
  }

  Instant decode(long offset) {
    return Instant.EPOCH.plus(base + offset, ChronoUnit.MICROS);
  }

  static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }

  private static long micros(Instant moment) {
    return Math.addExact(
        Math.multiplyExact(moment.getEpochSecond(), 1_000_000L), moment.getNano() / 1_000);
  }
}
