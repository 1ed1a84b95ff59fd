package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogLevelsTest {
  private final LoggerContext loggers = new LoggerContext();
  private boolean isAllowed = true;
  private final Server server =
      Server.builder()
          .http(0)
          .gracefulShutdownTimeoutMillis(0, 0)
          .service("/log-levels", new LogLevels(loggers, _ -> isAllowed))
          .build();

  @BeforeEach
  void serve() {
    server.start().join();
  }

  @AfterEach
  void stop() {
    // its future would take two seconds, for the quiet period of the accepting thread
    server.closeAsync();
  }

  @Test
  void aLevelIsSetUntilItIsInheritedAgain() {
    assertThat(put("{\"logger\": \"io.turboprop.x\", \"level\": \"debug\"}").contentUtf8())
        .contains("\"io.turboprop.x\":\"DEBUG\"");
    assertThat(loggers.getLogger("io.turboprop.x.Y").getEffectiveLevel()).isEqualTo(Level.DEBUG);

    assertThat(put("{\"logger\": \"io.turboprop.x\", \"level\": \"INHERIT\"}").contentUtf8())
        .isEqualTo("{\"ROOT\":\"DEBUG\"}\n");
    assertThat(loggers.getLogger("io.turboprop.x").getLevel()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "{}",
        "{\"logger\": \"a\", \"level\": \"LOUD\"}",
        "{\"logger\": \"\", \"level\": \"INFO\"}",
        "{\"logger\": \"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\", \"level\": \"INFO\"}",
        "{\"logger\": \"no name\", \"level\": \"INFO\"}",
        "{\"logger\": \"ROOT\", \"level\": \"INHERIT\"}"
      })
  void whatNamesNoLoggerOrLevelIsRefused(String body) {
    assertThat(put(body).status()).isEqualTo(HttpStatus.BAD_REQUEST);
    assertThat(loggers.getLogger("ROOT").getLevel()).isEqualTo(Level.DEBUG);
  }

  @Test
  void aClientThatMayNotChangeLevelsIsToldWhatToDo() {
    isAllowed = false;
    var answer = put("{\"logger\": \"ROOT\", \"level\": \"INFO\"}");
    assertThat(answer.status()).isEqualTo(HttpStatus.FORBIDDEN);
    assertThat(answer.contentUtf8()).contains("turboprop.admin.remote-log-levels");
    assertThat(loggers.getLogger("ROOT").getLevel()).isEqualTo(Level.DEBUG);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, true", "::1, true", "10.0.0.7, false", "::ffff:10.0.0.7, false"})
  void onlyLoopbackAddressesAreOfThisMachine(String address, boolean isThisMachine)
      throws UnknownHostException {
    assertThat(LogLevels.isThisMachine(new InetSocketAddress(InetAddress.getByName(address), 9)))
        .isEqualTo(isThisMachine);
  }

  private AggregatedHttpResponse put(String body) {
    return BlockingWebClient.of("http://127.0.0.1:" + server.activeLocalPort())
        .execute(HttpRequest.of(HttpMethod.PUT, "/log-levels", MediaType.JSON, body));
  }
}
