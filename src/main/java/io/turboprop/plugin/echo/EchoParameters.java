package io.turboprop.plugin.echo;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionError;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters in an echo task's {@code custom} struct:
 *
 * <ul>
 *   <li>{@code sleep}: a pause, with a unit, e.g. {@code "250ms"}
 *   <li>{@code fail}: {@code {"code", "message", "kind": "USER" or "SYSTEM", "recoverable",
 *       "attempts"}}: the first {@code attempts} attempts fail; all fail if {@code attempts} is
 *       missing
 *   <li>{@code graph}: {@code {"nodes", "chain", "sleep", "itself"}}, or {@code futures}, the
 *       Base64 of a {@code flyteidl.core.DynamicJobSpec}: a graph instead of outputs, see {@link
 *       EchoGraph}
 * </ul>
 *
 * @param failingAttempts how many attempts fail
 */
record EchoParameters(
    Duration sleep,
    Optional<ExecutionError> error,
    boolean recoverable,
    int failingAttempts,
    Optional<EchoGraph> graph) {

  /**
   * @throws IllegalArgumentException naming the field that can't be understood
   */
  static EchoParameters of(Struct custom, Duration sleepDefault) {
    var fields = custom.getFieldsMap();
    var sleep =
        fields.containsKey("sleep") ? duration(fields.get("sleep").getStringValue()) : sleepDefault;
    var graph = EchoGraph.of(custom);
    if (!fields.containsKey("fail")) {
      return new EchoParameters(sleep, Optional.empty(), false, 0, graph);
    }
    var fail = fields.get("fail").getStructValue().getFieldsMap();
    var error =
        new ExecutionError(
            text(fail, "code", "Error"), text(fail, "message", "as asked"), kind(fail));
    var attempts =
        fail.containsKey("attempts")
            ? (int) fail.get("attempts").getNumberValue()
            : Integer.MAX_VALUE;
    var recoverable = !fail.containsKey("recoverable") || fail.get("recoverable").getBoolValue();
    return new EchoParameters(sleep, Optional.of(error), recoverable, attempts, graph);
  }

  /** The error of an attempt, from 0, if it is to fail. */
  Optional<ExecutionError> failure(int attempt) {
    return attempt < failingAttempts ? error : Optional.empty();
  }

  private static Duration duration(String text) {
    try {
      return ConfigFactory.parseMap(Map.of("sleep", text)).getDuration("sleep");
    } catch (ConfigException e) {
      throw new IllegalArgumentException(
          "custom.sleep of an echo task is no duration: '" + text + "'", e);
    }
  }

  private static String text(Map<String, Value> fields, String name, String otherwise) {
    return fields.containsKey(name) ? fields.get(name).getStringValue() : otherwise;
  }

  private static ExecutionError.Kind kind(Map<String, Value> fields) {
    var text = text(fields, "kind", "USER").toUpperCase(Locale.ROOT);
    return switch (text) {
      case "USER" -> ExecutionError.Kind.USER;
      case "SYSTEM" -> ExecutionError.Kind.SYSTEM;
      default ->
          throw new IllegalArgumentException(
              "custom.fail.kind of an echo task is USER or SYSTEM, not '" + text + "'");
    };
  }
}
