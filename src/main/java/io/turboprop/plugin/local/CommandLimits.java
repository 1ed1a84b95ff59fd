package io.turboprop.plugin.local;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The system's limits on command lines and environments (execve(2)). */
final class CommandLimits {
  /** The largest size of a text, including the NUL at its end. */
  private static final int TEXT_BYTES_MAX = 128 * 1024;

  /** Java's message prefix for Linux's "Argument list too long". */
  private static final Pattern TOO_LONG = Pattern.compile("error(=|: )7\\b");

  private CommandLimits() {}

  /**
   * Refuses arguments and variables that no process can be given.
   *
   * @throws TaskSpecificationException when a text holds a NUL, or a variable's name is not valid
   */
  static void check(List<String> command, Map<String, String> environment)
      throws TaskSpecificationException {
    for (var index = 0; index < command.size(); index++) {
      if (hasNul(command.get(index))) {
        throw TaskSpecificationException.badSpecification(
            "argument %d of the command holds a NUL character".formatted(index));
      }
    }
    for (var variable : environment.entrySet()) {
      var name = variable.getKey();
      if (name.isEmpty() || name.contains("=") || hasNul(name)) {
        throw TaskSpecificationException.badSpecification(
            "no environment variable can be called '%s'".formatted(name.replace('\0', ' ')));
      }
      if (hasNul(variable.getValue())) {
        throw TaskSpecificationException.badSpecification(
            "the environment variable '%s' holds a NUL character".formatted(name));
      }
    }
  }

  /**
   * Refuses texts that are too long for a new program; a fork of a worker gets its texts in a
   * message, without this limit.
   *
   * @throws TaskSpecificationException when a text is too long
   */
  static void checkLengths(List<String> command, Map<String, String> environment)
      throws TaskSpecificationException {
    for (var index = 0; index < command.size(); index++) {
      requireShort("argument %d of the command".formatted(index), command.get(index));
    }
    for (var variable : environment.entrySet()) {
      requireShort(
          "the environment variable '%s'".formatted(variable.getKey()),
          variable.getKey() + "=" + variable.getValue());
    }
  }

  private static void requireShort(String what, String text) throws TaskSpecificationException {
    var sizeBytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (sizeBytes >= TEXT_BYTES_MAX) {
      throw TaskSpecificationException.badSpecification(
          "%s has %d bytes; the system accepts %d. Pass large values as files"
              .formatted(what, sizeBytes, TEXT_BYTES_MAX - 1));
    }
  }

  /** Whether a program could not be started because its texts together are too long. */
  static boolean isTooLong(IOException failure) {
    return failure.getMessage() != null && TOO_LONG.matcher(failure.getMessage()).find();
  }

  private static boolean hasNul(String text) {
    return text.indexOf('\0') >= 0;
  }
}
