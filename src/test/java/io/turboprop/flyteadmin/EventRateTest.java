package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EventRateTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void afterTheBurstEachWaitsForItsToken() {
    var begin = System.nanoTime() + SECOND;
    var rate = new EventRate(10, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(rate.take(begin)).isEqualTo(Duration.ZERO);
    }
    assertThat(rate.take(begin)).isEqualTo(Duration.ofMillis(100));
    assertThat(rate.take(begin)).isEqualTo(Duration.ofMillis(200));
    assertThat(rate.take(begin + SECOND)).isEqualTo(Duration.ZERO);
  }
}
