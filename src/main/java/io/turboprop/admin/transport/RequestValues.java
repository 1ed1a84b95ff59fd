package io.turboprop.admin.transport;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Refuses values that protobuf can carry, but JSON or the database can't: a number in a struct that
 * is not finite, a time outside of the years 1 to 9999, a duration beyond 10,000 years, a text with
 * a NUL or half of a surrogate pair. Such values could be stored, but not shown again.
 */
final class RequestValues {
  /** The fields of a message that are looked at. */
  private static final Map<Descriptor, List<FieldDescriptor>> CHECKED = new ConcurrentHashMap<>();

  private RequestValues() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} with the name of the field
   */
  static void check(Message message) {
    try {
      checkValue(message);
    } catch (RefusedValue refused) {
      throw AdminException.invalidArgument(
          "invalid value for %s: %s"
              .formatted(
                  GivenValue.shortened(String.join(".", refused.path)), refused.getMessage()));
    }
  }

  /** A value that is refused; the fields around it are added on the way out. */
  private static final class RefusedValue extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Deque<String> path = new ArrayDeque<>();

    RefusedValue(String rule) {
      super(rule, null, false, false);
    }
  }

  private static void checkValue(Message message) throws RefusedValue {
    switch (message) {
      case Timestamp time -> {
        if (!Timestamps.isValid(time)) {
          throw new RefusedValue("a time is between the years 1 and 9999");
        }
      }
      case Duration duration -> {
        if (!Durations.isValid(duration)) {
          throw new RefusedValue(
              "a duration has at most 315576000000 s, and nanoseconds of the same sign");
        }
      }
      case Value value when value.hasNumberValue() && !Double.isFinite(value.getNumberValue()) ->
          throw new RefusedValue("JSON has no number %s".formatted(value.getNumberValue()));
      default -> checkFields(message);
    }
  }

  /** Looks at the fields of the kinds that have rules; reflection makes each field expensive. */
  private static void checkFields(Message message) throws RefusedValue {
    for (var field :
        CHECKED.computeIfAbsent(message.getDescriptorForType(), RequestValues::checked)) {
      try {
        if (field.isRepeated()) {
          for (var i = 0; i < message.getRepeatedFieldCount(field); i++) {
            checkContent(message.getRepeatedField(field, i));
          }
        } else if (field.getJavaType() == JavaType.STRING || message.hasField(field)) {
          checkContent(message.getField(field));
        }
      } catch (RefusedValue refused) {
        refused.path.addFirst(field.getName());
        throw refused;
      }
    }
  }

  private static List<FieldDescriptor> checked(Descriptor type) {
    return type.getFields().stream()
        .filter(field ->
            field.getJavaType() == JavaType.STRING || field.getJavaType() == JavaType.MESSAGE)
        .toList();
  }

  private static void checkContent(Object content) throws RefusedValue {
    switch (content) {
      case Message message -> checkValue(message);
      case String text -> checkText(text);
      default -> {}
    }
  }

  private static void checkText(String text) throws RefusedValue {
    for (var i = 0; i < text.length(); i++) {
      var next = text.charAt(i);
      if (next == 0) {
        throw new RefusedValue("a text has no NUL character");
      }
      if (Character.isHighSurrogate(next)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(next)) {
        throw new RefusedValue("a text has no half of a surrogate pair");
      }
    }
  }
}
