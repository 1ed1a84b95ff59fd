package io.turboprop.workflow.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.entity.Failures;
import io.turboprop.workflow.entity.FencedException;
import io.turboprop.workflow.entity.TestingOutage;
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

class NodeFailuresTest {

  static Stream<Throwable> outages() {
    return Stream.of(
        new TestingOutage(),
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

  @Test
  void onlyAStepThatIsThereAlreadyMeansThatSomebodyElseHasWritten() {
    var fenced = new FencedException("a step of this number is there", new SQLException());
    assertThat(Failures.isFence(new IllegalStateException("persisting", fenced))).isTrue();
    assertThat(Failures.isFence(new IllegalStateException("persisting", new SQLException())))
        .isFalse();
    assertThat(Failures.isFence(new IllegalStateException())).isFalse();
  }
}
