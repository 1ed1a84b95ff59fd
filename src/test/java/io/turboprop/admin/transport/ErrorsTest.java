package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import com.linecorp.armeria.common.ShuttingDownException;
import io.grpc.Status.Code;
import io.turboprop.data.DataStore.NoSpaceException;
import io.turboprop.data.DataStore.UnavailableException;
import io.turboprop.store.DatabaseFailures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {
  @Test
  void aFullDiskIsReportedAsSuch() {
    var full = new NoSpaceException("can't write x", new IOException("No space left on device"));
    assertStatus(full, Code.RESOURCE_EXHAUSTED, "the server's disk is full");
    assertStatus(
        new UncheckedIOException(full), Code.RESOURCE_EXHAUSTED, "the server's disk is full");
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "08001", "25006", "53300", "57014", "57P01", "57P03"})
  void aDatabaseThatIsAwayCallsForAnotherTry(String state) {
    var away = DatabaseFailures.of(new SQLException("select", state));
    assertStatus(away, Code.UNAVAILABLE, "the database cannot be reached; try again");
  }

  @Test
  void aBlobStoreThatIsAwayCallsForAnotherTry() {
    var away = new UncheckedIOException(new UnavailableException(new IOException("reset")));
    assertStatus(away, Code.UNAVAILABLE, "the blob store cannot be reached; try again");
  }

  @Test
  void aNodeThatStopsCallsForAnotherTry() {
    assertStatus(
        ShuttingDownException.get(),
        Code.UNAVAILABLE,
        "this node is stopping; try again, at another node");
  }

  @Test
  void aFailureWithinAnotherIsFoundAndSaysNothingOfSql() {
    var away = DatabaseFailures.of(new SQLException("select 1 from x", "57014"));
    assertStatus(
        new IllegalStateException("reading", new UncheckedIOException(new IOException(away))),
        Code.UNAVAILABLE,
        "the database cannot be reached; try again");
    assertStatus(
        DatabaseFailures.of(new SQLException("select 'x'", "22021")),
        Code.INVALID_ARGUMENT,
        "a value that cannot be stored or compared");
    assertThat(Errors.status(DatabaseFailures.of(new SQLException("select x", "42703"))))
        .satisfies(status -> assertThat(status.getCode()).isEqualTo(Code.INTERNAL.value()))
        .satisfies(status -> assertThat(status.getMessage()).startsWith("internal error; "));
  }

  @ParameterizedTest
  @MethodSource("passing")
  void whatPassesSoonSaysWhenToTryAgain(Exception passing) {
    assertThat(RetryHint.isIn(Errors.status(passing))).isTrue();
    assertThat(RetryHint.isIn(Errors.status(AdminException.notFound("x")))).isFalse();
  }

  private static List<Exception> passing() {
    return List.of(
        new RejectedExecutionException(),
        DatabaseFailures.of(new SQLException("select", "57P03")),
        ShuttingDownException.get(),
        RetryHint.refusal("the queue is full"));
  }

  private static void assertStatus(Exception thrown, Code code, String message) {
    assertThat(Errors.status(thrown).toBuilder().clearDetails().build())
        .isEqualTo(Status.newBuilder().setCode(code.value()).setMessage(message).build());
  }
}
