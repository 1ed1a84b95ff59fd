package io.turboprop.flyteadmin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds the events on which FlyteAdmin itself keeps failing. The answer to a single failure does
 * not show whether the event or the moment is bad, so a failure counts only if FlyteAdmin has
 * recorded other events since the failure before. Knows this process only; after a restart it
 * counts anew. Thread-safe.
 */
final class FailingEvents {
  private static final int FAILURES_MIN = 10;
  private static final long REMEMBERED_MAX = 10_000;

  private final Duration max;
  private final Clock clock;
  private final AtomicLong recorded = new AtomicLong();

  /** By the number of the execution, which sends one event at a time. */
  private final Cache<Long, Failures> failures =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).build();

  /**
   * The failures of one event.
   *
   * @param step the step of the journal that the event belongs to
   * @param index the place of the event among the events of its step
   * @param counted the failures that count
   * @param recordedBefore how many events were recorded before the last failure
   */
  private record Failures(long step, int index, Instant since, int counted, long recordedBefore) {
    Failures next(long recorded) {
      return new Failures(
          step, index, since, recorded > recordedBefore ? counted + 1 : counted, recorded);
    }
  }

  /**
   * @param max how long FlyteAdmin may fail on an event while it records others
   */
  FailingEvents(Duration max, Clock clock) {
    this.max = max;
    this.clock = clock;
  }

  /** FlyteAdmin has recorded the event that an execution had to send next. */
  void recorded(long execution) {
    recorded.incrementAndGet();
    failures.invalidate(execution);
  }

  /**
   * FlyteAdmin has failed on an event.
   *
   * @return whether the event keeps failing for too long
   */
  boolean failed(long execution, long step, int index) {
    var now = clock.instant();
    var others = recorded.get();
    var all =
        failures
            .asMap()
            .compute(
                execution,
                (_, before) ->
                    before == null || before.step() != step || before.index() != index
                        ? new Failures(step, index, now, 0, others)
                        : before.next(others));
    return all.counted() >= FAILURES_MIN && !all.since().plus(max).isAfter(now);
  }
}
