package io.turboprop.workflow.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.entity.Failures;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.pekko.pattern.CircuitBreakerOpenException;
import org.apache.pekko.persistence.RecoveryTimedOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.concurrent.duration.Duration;

class NodeFailuresTest {

  static Stream<Throwable> outages() {
    return Stream.of(
        new SQLException("connection refused"),
        new SQLException("terminating connection", "57P01"),
        new SQLException("serialization failure", "40001"),
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

  @ParameterizedTest
  @ValueSource(strings = {"22021", "23502", "23505", "54000"})
  void whatTheDatabaseWillNeverTakeIsNoOutage(String state) {
    assertThat(Failures.isOutage(new BatchUpdateException("refused", state, new int[0]))).isFalse();
  }

  @Test
  void onlyAStepThatIsThereAlreadyMeansThatSomebodyElseHasWritten() {
    assertThat(Failures.isFence(failed("23505"))).isTrue();
    assertThat(Failures.isFence(failed("23502"))).isFalse();
    assertThat(Failures.isFence(new IllegalStateException())).isFalse();
  }

  private static Throwable failed(String state) {
    return new IllegalStateException("persisting", new SQLException("refused", state));
  }
}
