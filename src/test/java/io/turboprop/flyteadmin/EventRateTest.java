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

  @Test
  void pausesDoubleUpToTheLongestAndAreShorterByAtMostAHalf() {
    var backOff = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(1));
    for (int failures = 1; failures < 100; failures++) {
      var longest = Math.min(1_000, 100L << Math.min(failures - 1, 10));
      assertThat(backOff.after(failures))
          .isBetween(Duration.ofMillis(longest / 2), Duration.ofMillis(longest));
    }
  }
}
