package io.turboprop.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import flyteidl.admin.ProjectOuterClass.InactiveProject;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.turboprop.store.ListQuery.InvalidQueryException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorsTest {

  static Stream<Arguments> causes() {
    return Stream.of(
        Arguments.of(Code.NOT_FOUND, AdminException.notFound("x")),
        Arguments.of(Code.NOT_FOUND, new CompletionException(AdminException.notFound("x"))),
        Arguments.of(Code.INVALID_ARGUMENT, new InvalidQueryException("x")),
        Arguments.of(Code.DEADLINE_EXCEEDED, new ExecutionException(new TimeoutException())),
        Arguments.of(Code.UNAVAILABLE, database(new SQLTransientConnectionException("no pool"))),
        Arguments.of(Code.UNAVAILABLE, database(new SQLException("gone", "08006"))),
        Arguments.of(Code.UNAVAILABLE, database(new SQLException("shut down", "57P01"))),
        Arguments.of(Code.UNAVAILABLE, database(new SQLException("too many", "53300"))),
        Arguments.of(Code.INVALID_ARGUMENT, database(new SQLException("NUL", "22021"))),
        Arguments.of(Code.INTERNAL, database(new SQLException("syntax", "42601"))),
        Arguments.of(Code.INTERNAL, new IllegalStateException("a bug")),
        Arguments.of(Code.INTERNAL, Status.UNKNOWN.asRuntimeException()),
        Arguments.of(Code.INTERNAL, Status.UNAUTHENTICATED.asException()),
        Arguments.of(Code.ABORTED, Status.ABORTED.asException()));
  }

  @ParameterizedTest
  @MethodSource("causes")
  void everyCauseHasItsCode(Code code, Throwable cause) {
    assertThat(Errors.status(cause).getCode()).isEqualTo(code.value());
  }

  private static DataAccessException database(SQLException cause) {
    return new DataAccessException("SQL", cause);
  }

  @Test
  void detailsAreKept() {
    var detail = InactiveProject.newBuilder().setId("p").build();
    var refusal = new AdminException(Code.INVALID_ARGUMENT, "x", List.of(detail));
    assertThat(Errors.status(refusal).getDetailsList()).containsExactly(Any.pack(detail));
  }

  @Test
  void aLongMessageIsCutBetweenTwoCharactersAndLosesItsDetails() {
    var detail = InactiveProject.newBuilder().setId("p").build();
    var message = "a" + "é".repeat(20_000);
    var status = Errors.status(new AdminException(Code.INVALID_ARGUMENT, message, List.of(detail)));
    assertThat(status.getMessage().getBytes(StandardCharsets.UTF_8)).hasSize(31_999);
    assertThat(message).startsWith(status.getMessage());
    assertThat(status.getDetailsList()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Code.class)
  void everyCodeHasAnHttpStatus(Code code) {
    assertThat(Errors.httpStatus(code.value())).isBetween(200, 504);
  }
}
