package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

  private final Wall wall = new Wall();
  private long nanos = Long.MAX_VALUE - 1_000;
  private final Clock clock = new SteadyClock(wall, () -> nanos);

  /** A clock that somebody sets. */
  private static final class Wall extends Clock {
    private Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private void pass(Duration duration) {
    nanos += duration.toNanos();
    wall.now = wall.now.plus(duration);
  }

  private void set(Duration step) {
    wall.now = wall.now.plus(step);
  }

  @Test
  void showsTheTimeOfTheOtherClock() {
    pass(Duration.ofSeconds(10));
    assertThat(clock.instant()).isEqualTo(START.plusSeconds(10));
    set(Duration.ofHours(1));
    assertThat(clock.instant()).isEqualTo(START.plusSeconds(3610));
  }

  @Test
  void aWaitOfTenSecondsTakesNoHourWhenTheClockIsSetBack() {
    var end = clock.instant().plusSeconds(10);
    set(Duration.ofHours(-1));
    assertThat(clock.instant()).isEqualTo(START);
    pass(Duration.ofSeconds(9));
    assertThat(clock.instant()).isBefore(end).isAfter(START.plusSeconds(8));
    pass(Duration.ofSeconds(2));
    assertThat(clock.instant()).isAfter(end);
  }

  @Test
  void isNeverSetBackAndComesTogetherWithTheClockAgain() {
    set(Duration.ofSeconds(-60));
    var before = clock.instant();
    for (int minute = 0; minute < 101; minute++) {
      pass(Duration.ofMinutes(1));
      assertThat(clock.instant()).isAfter(before);
      before = clock.instant();
    }
    assertThat(clock.instant()).isEqualTo(wall.now);
  }
}
