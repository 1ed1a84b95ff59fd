package io.turboprop.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BackOffTest {
  private static final Duration MIN = Duration.ofMillis(100);
  private static final Duration MAX = Duration.ofSeconds(1);

  private final BackOff backOff = new BackOff(MIN, MAX);

  @Test
  void pausesDoubleUpToTheLongest() {
    var pause = MIN;
    for (int failures = 1; failures < 100; failures++) {
      assertThat(backOff.after(failures))
          .isEqualTo(pause)
          .isEqualTo(Duration.ofMillis(Math.min(1_000, 100L << Math.min(failures - 1, 10))));
      pause = backOff.next(pause);
    }
  }

  @Test
  void jitterShortensAPauseByAtMostAHalf() {
    for (int failures = 1; failures < 100; failures++) {
      var longest = backOff.after(failures);
      assertThat(backOff.jitteredAfter(failures)).isBetween(longest.dividedBy(2), longest);
    }
  }

  @Test
  void noPauseStaysNone() {
    var none = new BackOff(Duration.ZERO, MAX);
    assertThat(none.after(3)).isZero();
    assertThat(none.next(none.min())).isZero();
  }
}
