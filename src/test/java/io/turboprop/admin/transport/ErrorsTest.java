package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.turboprop.data.DataStore.NoSpaceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {
  @Test
  void aFullDiskIsToldAsSuch() {
    var full = new NoSpaceException("can't write x", new IOException("No space left on device"));
    assertTold(full, Code.RESOURCE_EXHAUSTED, "the server's disk is full");
    assertTold(
        new UncheckedIOException(full), Code.RESOURCE_EXHAUSTED, "the server's disk is full");
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "08001", "53300", "57P01", "57P03"})
  void aDatabaseThatIsAwayCallsForAnotherTry(String state) {
    var away = new DataAccessException("select", new SQLException("away", state));
    assertTold(away, Code.UNAVAILABLE, "the database cannot be reached; try again");
  }

  private static void assertTold(Exception thrown, Code code, String message) {
    assertThat(Errors.status(thrown))
        .isEqualTo(Status.newBuilder().setCode(code.value()).setMessage(message).build());
  }
}
