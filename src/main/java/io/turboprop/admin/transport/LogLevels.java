package io.turboprop.admin.transport;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * The levels of loggers, of this process and until it ends. GET names the loggers that have a level
 * of their own. PUT with {@code {"logger": "io.turboprop.cluster", "level": "DEBUG"}} sets one; the
 * level {@code INHERIT} takes it away.
 *
 * <p>PUT is refused with {@code PERMISSION_DENIED} (403) from other machines, unless {@code
 * turboprop.admin.remote-log-levels} allows it: a level such as DEBUG shows what others run, and
 * fills the disk.
 */
public final class LogLevels extends AbstractHttpService {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INHERIT = "INHERIT";
  private static final List<String> LEVELS =
      List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF", INHERIT);

  /** A name of a package or class; loggers are kept for ever, so that others are refused. */
  private static final Pattern NAME =
      Pattern.compile("ROOT|[A-Za-z0-9_$]{1,100}(\\.[A-Za-z0-9_$]{1,100}){0,15}");

  private static final int NAME_LENGTH_MAX = 256;
  private static final int LEVELS_MAX = 200;
  private static final int BODY_BYTES_MAX = 4096;

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LogLevels.class);

  private final LoggerContext loggers;
  private final Predicate<InetSocketAddress> mayChange;

  /** The levels of this process's logback. */
  public static LogLevels of(AdminSettings settings) {
    return new LogLevels(
        (LoggerContext) LoggerFactory.getILoggerFactory(),
        settings.address().remoteLogLevels() ? _ -> true : LogLevels::isThisMachine);
  }

  /**
   * @param mayChange whether a client with this address may change levels
   */
  LogLevels(LoggerContext loggers, Predicate<InetSocketAddress> mayChange) {
    this.loggers = loggers;
    this.mayChange = mayChange;
  }

  static boolean isThisMachine(InetSocketAddress client) {
    return client.getAddress() != null && client.getAddress().isLoopbackAddress();
  }

  @Override
  protected HttpResponse doGet(ServiceRequestContext context, HttpRequest request) {
    return json();
  }

  @Override
  protected HttpResponse doPut(ServiceRequestContext context, HttpRequest request) {
    if (!mayChange.test(context.remoteAddress())) {
      return HttpErrors.response(
          Errors.status(
              new AdminException(
                  Code.PERMISSION_DENIED,
                  "log levels can only be changed from the node's own machine (in Kubernetes, with"
                      + " kubectl port-forward), unless turboprop.admin.remote-log-levels is true")));
    }
    context.setMaxRequestLength(BODY_BYTES_MAX);
    return HttpResponse.of(request.aggregate().thenApply(this::set));
  }

  private HttpResponse set(AggregatedHttpRequest request) {
    try {
      var body = JSON.readTree(request.contentUtf8());
      var logger = body.path("logger").asText();
      var level = body.path("level").asText().toUpperCase(Locale.ROOT);
      if (logger.length() > NAME_LENGTH_MAX
          || !NAME.matcher(logger).matches()
          || !LEVELS.contains(level)) {
        throw AdminException.invalidArgument(
            "say {\"logger\": NAME, \"level\": LEVEL} with the name of a package or class and one of"
                + " the levels "
                + String.join(", ", LEVELS));
      }
      if (level.equals(INHERIT) && logger.equals(Logger.ROOT_LOGGER_NAME)) {
        throw AdminException.invalidArgument("the root logger has nothing to inherit from");
      }
      if (levels().size() >= LEVELS_MAX && !levels().containsKey(logger)) {
        throw AdminException.invalidArgument(
            "%d loggers have levels already: let some INHERIT first".formatted(LEVELS_MAX));
      }
      loggers.getLogger(logger).setLevel(level.equals(INHERIT) ? null : Level.valueOf(level));
      LOG.info("the log level of {} is {} now", logger, level);
      return json();
    } catch (JsonProcessingException e) {
      return HttpErrors.response(
          Errors.status(AdminException.invalidArgument("the body is not JSON")));
    } catch (AdminException refusal) {
      return HttpErrors.response(Errors.status(refusal));
    }
  }

  private Map<String, String> levels() {
    Map<String, String> levels = new TreeMap<>();
    for (var logger : loggers.getLoggerList()) {
      if (logger.getLevel() != null) {
        levels.put(logger.getName(), logger.getLevel().toString());
      }
    }
    return levels;
  }

  private HttpResponse json() {
    try {
      return HttpResponse.of(
          HttpStatus.OK, MediaType.JSON_UTF_8, JSON.writeValueAsString(levels()) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("log levels can't be written as JSON", e);
    }
  }
}
