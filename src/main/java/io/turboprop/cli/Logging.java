package io.turboprop.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;

/**
 * The configuration of logging: lines go to stderr; logback finds this class through {@code
 * META-INF/services}. Lines about an execution carry {@code execution} and {@code node} from the
 * MDC.
 *
 * <p>Settings are system properties, or environment variables ({@code TURBOPROP_LOG_LEVEL} …):
 *
 * <ul>
 *   <li>{@code turboprop.log.level}: of the engine's own classes, {@code INFO}
 *   <li>{@code turboprop.log.others}: of libraries, {@code WARN}
 *   <li>{@code turboprop.log.format}: {@code text}, or {@code json}, one object a line
 *   <li>{@code logback.configurationFile}: a file of logback's own in place of all this
 * </ul>
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{HH:mm:ss.SSS} %-5level %logger{0}%replace( %X{execution} %X{node}){' +$', ''}: %msg%n";

  private static final List<String> LEVELS =
      List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF");
  private static final List<String> FORMATS = List.of("text", "json");

  @Override
  public ExecutionStatus configure(LoggerContext logback) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    var root = logback.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level("others", Level.WARN));
    root.addAppender(standardError(logback, encoder()));
    logback.getLogger("io.turboprop").setLevel(level("level", Level.INFO));
    // Pekko logs each failed write with its stack; the entity logs it in one line.
    logback.getLogger("io.turboprop.workflow.entity.WorkflowJournal").setLevel(Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * Checks the settings, because reading them reports no errors.
   *
   * @throws IllegalArgumentException when one has a value that means nothing
   */
  static void check() {
    check("level", LEVELS);
    check("others", LEVELS);
    check("format", FORMATS);
  }

  private static void check(String name, List<String> values) {
    setting(name)
        .filter(text -> values.stream().noneMatch(text::equalsIgnoreCase))
        .ifPresent(text -> {
          throw new IllegalArgumentException(
              "TURBOPROP_LOG_%s (turboprop.log.%s) is '%s', not one of %s"
                  .formatted(name.toUpperCase(Locale.ROOT), name, text, String.join(", ", values)));
        });
  }

  private static ConsoleAppender<ILoggingEvent> standardError(
      LoggerContext logback, Encoder<ILoggingEvent> encoder) {
    encoder.setContext(logback);
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(logback);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }

  private static Encoder<ILoggingEvent> encoder() {
    return setting("format").filter("json"::equalsIgnoreCase).isPresent() ? json() : text();
  }

  private static Encoder<ILoggingEvent> text() {
    var encoder = new PatternLayoutEncoder();
    encoder.setPattern(PATTERN);
    return encoder;
  }

  private static Encoder<ILoggingEvent> json() {
    var encoder = new JsonEncoder();
    encoder.setWithContext(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    return encoder;
  }

  private static Level level(String name, Level otherwise) {
    return setting(name).map(text -> Level.toLevel(text, otherwise)).orElse(otherwise);
  }

  private static Optional<String> setting(String name) {
    return Optional.ofNullable(System.getProperty("turboprop.log." + name))
        .or(() ->
            Optional.ofNullable(System.getenv("TURBOPROP_LOG_" + name.toUpperCase(Locale.ROOT))));
  }
}
