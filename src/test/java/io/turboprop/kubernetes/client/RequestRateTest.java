package io.turboprop.kubernetes.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestRateTest {
  @Test
  void requestsAreSpreadOverTime() {
    var rate = new RequestRate(10, 2);
    var now = System.nanoTime() + Duration.ofMinutes(1).toNanos();

    assertThat(rate.reserve(now)).isZero();
    assertThat(rate.reserve(now)).isZero();
    assertThat(rate.reserve(now)).isEqualTo(Duration.ofMillis(100).toNanos());
    assertThat(rate.reserve(now)).isEqualTo(Duration.ofMillis(200).toNanos());
  }
}
