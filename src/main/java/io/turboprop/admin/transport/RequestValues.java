package io.turboprop.admin.transport;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.util.List;

/**
 * Refuses values that protobuf can carry, but JSON or the database can't: a number in a struct that
 * is not finite, a time outside of the years 1 to 9999, a duration beyond 10,000 years, a text with
 * a NUL or half of a surrogate pair. Such values could be stored, but not shown again.
 */
final class RequestValues {
  private RequestValues() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} with the name of the field
   */
  static void check(Message message) {
    check(message, "");
  }

  private static void check(Message message, String path) {
    switch (message) {
      case Timestamp time -> {
        if (!Timestamps.isValid(time)) {
          throw refused(path, "a time is between the years 1 and 9999");
        }
      }
      case Duration duration -> {
        if (!Durations.isValid(duration)) {
          throw refused(
              path, "a duration has at most 315576000000 s, and nanoseconds of the same sign");
        }
      }
      case Value value when value.hasNumberValue() && !Double.isFinite(value.getNumberValue()) ->
          throw refused(path, "JSON has no number %s".formatted(value.getNumberValue()));
      default -> message.getAllFields().forEach((field, content) -> check(field, content, path));
    }
  }

  private static void check(FieldDescriptor field, Object content, String path) {
    switch (field.getJavaType()) {
      case MESSAGE, STRING -> {
        var inner = path.isEmpty() ? field.getName() : path + "." + field.getName();
        if (content instanceof List<?> elements) {
          elements.forEach(element -> checkOne(element, inner));
        } else {
          checkOne(content, inner);
        }
      }
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, BYTE_STRING, ENUM -> {}
    }
  }

  private static void checkOne(Object content, String path) {
    switch (content) {
      case Message message -> check(message, path);
      case String text -> checkText(text, path);
      default -> {}
    }
  }

  private static void checkText(String text, String path) {
    for (var i = 0; i < text.length(); i++) {
      var next = text.charAt(i);
      if (next == 0) {
        throw refused(path, "a text has no NUL character");
      }
      if (Character.isHighSurrogate(next)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(next)) {
        throw refused(path, "a text has no half of a surrogate pair");
      }
    }
  }

  private static AdminException refused(String path, String rule) {
    return AdminException.invalidArgument(
        "invalid value for %s: %s".formatted(GivenValue.shortened(path), rule));
  }
}
