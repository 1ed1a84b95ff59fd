package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** The time that a node of a cluster goes by. */
final class DatabaseClockTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final DatabaseClock clock = new DatabaseClock();
  private final Clock machine = Clock.fixed(NOW, ZoneOffset.UTC);
  private final Clock shown = clock.over(machine);

  private void observe(Duration database, Duration wayAndBack) {
    clock.observe(NOW, NOW.plus(wayAndBack.dividedBy(2)).plus(database), NOW.plus(wayAndBack));
  }

  @Test
  void aRightClockIsUsedAsItIs() {
    observe(Duration.ofMillis(200), Duration.ofMillis(10));
    assertThat(shown.instant()).isEqualTo(NOW);
  }

  @Test
  void aClockThatIsAnHourAheadIsPutRight() {
    observe(Duration.ofHours(-1), Duration.ofMillis(10));
    assertThat(shown.instant()).isEqualTo(NOW.minus(Duration.ofHours(1)));
    observe(Duration.ofHours(-1).plusMillis(3), Duration.ofMillis(10));
    assertThat(shown.instant())
        .as("small changes change nothing")
        .isEqualTo(NOW.minus(Duration.ofHours(1)));
    observe(Duration.ZERO, Duration.ofMillis(10));
    assertThat(shown.instant()).isEqualTo(NOW);
  }

  @Test
  void aReadingThatTookLongSaysNothing() {
    observe(Duration.ofHours(-1), Duration.ofSeconds(2));
    assertThat(shown.instant()).isEqualTo(NOW);
  }
}
