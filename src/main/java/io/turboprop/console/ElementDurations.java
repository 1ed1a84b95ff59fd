package io.turboprop.console;

import io.turboprop.store.OverviewTables.DurationBucket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How long the elements of an array took, as a histogram: {@code [bucket, phase, how many, longest
 * duration]} for the elements of each bucket and phase. Bucket {@code i} holds the durations from
 * bound {@code i - 1} up to bound {@code i}. Durations are microseconds.
 */
final class ElementDurations {
  /** Round durations, two or three in each factor of ten. */
  private static final Long[] BOUNDS =
      Stream.of(
              each(ChronoUnit.MILLIS, 1, 2, 5, 10, 20, 50, 100, 200, 500),
              each(ChronoUnit.SECONDS, 1, 2, 5, 10, 20, 30),
              each(ChronoUnit.MINUTES, 1, 2, 5, 10, 20, 30),
              each(ChronoUnit.HOURS, 1, 2, 5, 12, 24))
          .flatMap(LongStream::boxed)
          .toArray(Long[]::new);

  private ElementDurations() {}

  private static LongStream each(ChronoUnit unit, long... counts) {
    return LongStream.of(counts).map(count -> Duration.of(count, unit).toNanos() / 1_000);
  }

  /** The bounds of the buckets in microseconds, ascending. */
  static Long[] bounds() {
    return BOUNDS.clone();
  }

  /**
   * @param buckets by bucket and phase; empty ones are left out
   */
  static JsonAnswer.Content of(List<DurationBucket> buckets) {
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("bounds");
      for (var bound : BOUNDS) {
        json.writeNumber(bound);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("buckets");
      for (var each : buckets) {
        json.writeNumber(each.bucket());
        json.writeNumber(each.phase());
        json.writeNumber(each.count());
        json.writeNumber(each.longestMicros());
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }
}
