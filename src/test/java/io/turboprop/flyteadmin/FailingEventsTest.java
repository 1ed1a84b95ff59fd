package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class FailingEventsTest {
  private static final long BAD = 1;
  private static final long GOOD = 2;

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final FailingEvents events =
      new FailingEvents(Duration.ofHours(1), source().withZone(ZoneOffset.UTC));

  @Test
  void anEventThatFailsWhileOthersAreRecordedIsFoundAfterItsTime() {
    for (int minute = 0; minute < 60; minute++) {
      assertThat(fails(7, 0)).as("after %d minutes", minute).isFalse();
      events.recorded(GOOD);
    }
    assertThat(fails(7, 0)).isTrue();
  }

  @Test
  void anOutageFindsNoEvent() {
    for (int minute = 0; minute < 600; minute++) {
      assertThat(fails(7, 0)).isFalse();
    }
    events.recorded(GOOD);
    assertThat(fails(7, 0)).as("the first failure after an outage").isFalse();
  }

  @Test
  void theNextEventHasItsOwnTime() {
    for (int minute = 0; minute < 60; minute++) {
      fails(7, 0);
      events.recorded(GOOD);
    }
    assertThat(fails(7, 1)).isFalse();
    assertThat(fails(8, 0)).isFalse();
  }

  @Test
  void anEventThatIsRecordedAfterAllIsForgotten() {
    for (int minute = 0; minute < 59; minute++) {
      fails(7, 0);
      events.recorded(GOOD);
    }
    events.recorded(BAD);
    now = now.plus(Duration.ofHours(1));
    assertThat(fails(7, 0)).isFalse();
  }

  private InstantSource source() {
    return () -> now;
  }

  private boolean fails(long step, int index) {
    var found = events.failed(BAD, step, index);
    now = now.plus(Duration.ofMinutes(1));
    return found;
  }
}
