package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.setting.BackOff;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CreationBackOffTest {
  private static final Map<String, BigDecimal> TWO_CPUS = cpus(2);

  private final SetClock clock = new SetClock();
  private final CreationBackOff backOff =
      new CreationBackOff(new BackOff(Duration.ofSeconds(2), Duration.ofSeconds(5)), clock);

  /** A clock that a test sets. */
  private static final class SetClock extends Clock {
    private Instant now = Instant.EPOCH;

    void pass(Duration time) {
      now = now.plus(time);
    }

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

  private static Map<String, BigDecimal> cpus(int cpus) {
    return Map.of("limits.cpu", BigDecimal.valueOf(cpus));
  }

  @Test
  void pauseDoublesUpToItsMaximumAndEndsWithASuccess() {
    assertThat(backOff.refused("a", Map.of())).isEqualTo(Duration.ofSeconds(2));
    clock.pass(Duration.ofSeconds(2));
    assertThat(backOff.pause("a", TWO_CPUS)).isEmpty();
    assertThat(backOff.refused("a", Map.of())).isEqualTo(Duration.ofSeconds(4));
    clock.pass(Duration.ofSeconds(4));
    assertThat(backOff.refused("a", Map.of())).isEqualTo(Duration.ofSeconds(5));

    backOff.succeeded("a");

    assertThat(backOff.pause("a", TWO_CPUS)).isEmpty();
    assertThat(backOff.refused("a", Map.of())).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void refusalsAtTheSameTimeCountOnce() {
    backOff.refused("a", Map.of());
    clock.pass(Duration.ofSeconds(1));

    assertThat(backOff.refused("a", Map.of())).isEqualTo(Duration.ofSeconds(1));
    assertThat(backOff.namespaces()).isEqualTo(1);
  }

  @Test
  void otherNamespacesDoNotWait() {
    backOff.refused("a", TWO_CPUS);

    assertThat(backOff.pause("a", TWO_CPUS)).hasValue(Duration.ofSeconds(2));
    assertThat(backOff.pause("b", TWO_CPUS)).isEmpty();
  }

  @Test
  void podThatRequestsLessThanTheRefusedOnesIsTried() {
    backOff.refused("a", TWO_CPUS);

    assertThat(backOff.pause("a", cpus(1))).isEmpty();
    assertThat(backOff.pause("a", cpus(2))).isPresent();
  }
}
