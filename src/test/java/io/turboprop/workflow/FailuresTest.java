package io.turboprop.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.pekko.pattern.CircuitBreakerOpenException;
import org.apache.pekko.persistence.RecoveryTimedOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.concurrent.duration.Duration;

class FailuresTest {

  static Stream<Throwable> outages() {
    return Stream.of(
        new SQLException("connection refused"),
        new TimeoutException("no answer"),
        new CircuitBreakerOpenException(Duration.Zero(), "calls are failing fast"),
        new RecoveryTimedOut("no events in time"),
        new RejectedExecutionException("too many writes wait"));
  }

  @ParameterizedTest
  @MethodSource("outages")
  void whatPassesOnceTheDatabaseIsBackCondemnsNoExecution(Throwable outage) {
    assertThat(Failures.isOutage(outage)).isTrue();
    assertThat(Failures.isOutage(new IllegalStateException("recovery", outage))).isTrue();
  }

  @Test
  void anEventThatCanNotBeReadIsNoOutage() {
    assertThat(Failures.isOutage(new IllegalStateException("recovery", new ClassCastException())))
        .isFalse();
  }
}
