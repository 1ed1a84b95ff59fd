package io.turboprop.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LoggingTest {
  private static final String FORMAT = "turboprop.log.format";
  private static final String LEVEL = "turboprop.log.level";

  private final String levelOfTheTests = System.getProperty(LEVEL, "INFO");

  private final LoggerContext logback = new LoggerContext();

  @AfterEach
  void forgetFormat() {
    System.clearProperty(FORMAT);
    System.setProperty(LEVEL, levelOfTheTests);
  }

  @Test
  void aLineNamesItsExecutionAndNode() {
    assertThat(line(Map.of("execution", "p:d:a1", "node", "n0")))
        .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  Machine p:d:a1 n0: it runs\\R");
  }

  @Test
  void aLineWithoutExecutionHasNoGap() {
    assertThat(line(Map.of())).endsWith(" INFO  Machine: it runs" + System.lineSeparator());
  }

  @Test
  void withTheFormatJsonALineIsAnObject() {
    System.setProperty(FORMAT, "json");

    assertThat(line(Map.of("execution", "p:d:a1")))
        .startsWith("{")
        .contains("\"execution\":\"p:d:a1\"", "\"formattedMessage\":\"it runs\"", "\"level\"");
  }

  @Test
  void libraryLinesBelowWarningAreDropped() {
    System.setProperty(LEVEL, "INFO");
    new Logging().configure(logback);

    assertThat(logback.getLogger("org.apache.pekko").isInfoEnabled()).isFalse();
    assertThat(logback.getLogger("io.turboprop.workflow").isInfoEnabled()).isTrue();
  }

  @Test
  void anOutageOfTheDatabaseIsNotToldTwicePerExecution() {
    new Logging().configure(logback);

    assertThat(logback.getLogger("io.turboprop.workflow.entity.WorkflowJournal").isErrorEnabled())
        .isFalse();
    assertThat(logback.getLogger("io.turboprop.workflow.entity.WorkflowEntity").isErrorEnabled())
        .isTrue();
  }

  @Test
  void aLevelThatMeansNothingIsRefused() {
    System.setProperty(LEVEL, "LOUD");

    assertThatThrownBy(Logging::check)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'LOUD', not one of TRACE");
  }

  private String line(Map<String, String> context) {
    System.setProperty(LEVEL, "INFO");
    logback.setMDCAdapter(new LogbackMDCAdapter());
    new Logging().configure(logback);
    var appender =
        (ConsoleAppender<ILoggingEvent>)
            logback.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("stderr");
    var logger = logback.getLogger("io.turboprop.workflow.Machine");
    var event = new LoggingEvent("", logger, Level.INFO, "it runs", null, null);
    event.setMDCPropertyMap(context);
    return new String(appender.getEncoder().encode(event), UTF_8);
  }
}
