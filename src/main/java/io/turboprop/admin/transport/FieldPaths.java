package io.turboprop.admin.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.Base64;
import java.util.Optional;

/**
 * Sets fields of a message from the texts of paths and queries: {@code id.project}, {@code
 * sortBy.key}. Both spellings of a field name are accepted.
 */
final class FieldPaths {
  private static final BigInteger INT32_MIN = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger INT32_MAX = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final BigInteger UINT32_MAX = BigInteger.valueOf(0xFFFF_FFFFL);
  private static final BigInteger INT64_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger INT64_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  /** Digits of the largest whole number, 2^64 - 1. */
  private static final int WHOLE_DIGITS_MAX = 20;

  private FieldPaths() {}

  /**
   * Sets a field, or adds to a repeated field.
   *
   * @return false when the message has no such field
   * @throws AdminException {@code INVALID_ARGUMENT} when the text is not a value of the field
   */
  static boolean set(Message.Builder message, String path, String text) {
    var dot = path.indexOf('.');
    var head = dot < 0 ? path : path.substring(0, dot);
    var found = field(message.getDescriptorForType(), head);
    if (found.isEmpty()) {
      return false;
    }
    var field = found.get();
    if (dot >= 0) {
      return field.getJavaType() == JavaType.MESSAGE
          && !field.isRepeated()
          && set(message.getFieldBuilder(field), path.substring(dot + 1), text);
    }
    if (field.isMapField()) {
      return false;
    }
    if (field.isRepeated()) {
      message.addRepeatedField(field, value(message, field, text));
    } else {
      message.setField(field, value(message, field, text));
    }
    return true;
  }

  static Optional<FieldDescriptor> field(Descriptor type, String name) {
    var named = type.findFieldByName(name);
    return named != null
        ? Optional.of(named)
        : type.getFields().stream().filter(field -> field.getJsonName().equals(name)).findFirst();
  }

  private static Object value(Message.Builder message, FieldDescriptor field, String text) {
    try {
      if (field.getJavaType() == JavaType.MESSAGE) {
        var value = message.newBuilderForField(field);
        parse(value, text);
        return value.build();
      }
      return value(field, text);
    } catch (IllegalArgumentException malformed) {
      throw AdminException.invalidArgument(
          "invalid value '%s' for %s: %s"
              .formatted(GivenValue.shortened(text), field.getName(), malformed.getMessage()));
    }
  }

  /**
   * Parses a value of a field that is not a message.
   *
   * @throws IllegalArgumentException when the text is none; the message is for the user
   */
  static Object value(FieldDescriptor field, String text) {
    return switch (field.getJavaType()) {
      case INT ->
          isUnsigned(field)
              ? (int) whole(text, BigInteger.ZERO, UINT32_MAX)
              : (int) whole(text, INT32_MIN, INT32_MAX);
      case LONG ->
          isUnsigned(field)
              ? whole(text, BigInteger.ZERO, UINT64_MAX)
              : whole(text, INT64_MIN, INT64_MAX);
      case FLOAT -> {
        var number = (float) number(text);
        if (Float.isInfinite(number) && !text.endsWith("Infinity")) {
          throw new IllegalArgumentException("out of range");
        }
        yield number;
      }
      case DOUBLE -> number(text);
      case BOOLEAN -> bool(text);
      case STRING -> text;
      case BYTE_STRING -> ByteString.copyFrom(base64(text));
      case ENUM -> enumValue(field.getEnumType(), text);
      case MESSAGE -> throw new IllegalArgumentException("a message is no text");
    };
  }

  /** Whole numbers may be written with a fraction of zero, or an exponent. */
  private static long whole(String text, BigInteger least, BigInteger most) {
    try {
      var number = new BigDecimal(bounded(text));
      // checked before the digits are written out, since an exponent can stand for very many digits
      if (number.signum() == 0 || number.precision() - (long) number.scale() <= WHOLE_DIGITS_MAX) {
        var whole = number.toBigIntegerExact();
        if (whole.compareTo(least) >= 0 && whole.compareTo(most) <= 0) {
          return whole.longValue();
        }
      }
      throw new IllegalArgumentException("not in " + least + " to " + most);
    } catch (NumberFormatException | ArithmeticException _) {
      throw new IllegalArgumentException("not a whole number");
    }
  }

  private static double number(String text) {
    try {
      var number = Double.parseDouble(bounded(text));
      if (Double.isInfinite(number) && !text.endsWith("Infinity")) {
        throw new IllegalArgumentException("out of range");
      }
      return number;
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("not a number");
    }
  }

  /** Limits the length, since the time to parse a number grows faster than its length. */
  private static String bounded(String text) {
    if (text.length() > JsonReader.NUMBER_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "a number has at most %d characters".formatted(JsonReader.NUMBER_LENGTH_MAX));
    }
    return text;
  }

  static boolean isUnsigned(FieldDescriptor field) {
    return switch (field.getType()) {
      case UINT32, UINT64, FIXED32, FIXED64 -> true;
      case DOUBLE,
          FLOAT,
          INT64,
          INT32,
          BOOL,
          STRING,
          GROUP,
          MESSAGE,
          BYTES,
          ENUM,
          SFIXED32,
          SFIXED64,
          SINT32,
          SINT64 ->
          false;
    };
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("no base64");
    }
  }

  private static EnumValueDescriptor enumValue(EnumDescriptor type, String text) {
    var named = type.findValueByName(text);
    var value =
        named == null ? type.findValueByNumber((int) whole(text, INT32_MIN, INT32_MAX)) : named;
    if (value == null) {
      throw new IllegalArgumentException("no value of " + type.getName());
    }
    return value;
  }

  /**
   * Parses a message that JSON writes as text: a timestamp, a duration, a wrapper.
   *
   * @throws IllegalArgumentException when the text is none; the message is for the user
   */
  static void parse(Message.Builder into, String text) {
    try {
      switch (into) {
        case Timestamp.Builder time -> time.mergeFrom(Timestamps.parse(bounded(text)));
        case Duration.Builder duration -> duration.mergeFrom(Durations.parse(bounded(text)));
        case Message.Builder wrapper when JsonWriter.isWrapper(wrapper) -> {
          var field = wrapper.getDescriptorForType().findFieldByName("value");
          wrapper.setField(field, value(field, text));
        }
        default -> throw new IllegalArgumentException("a message is no text");
      }
    } catch (ParseException _) {
      throw new IllegalArgumentException(
          into instanceof Timestamp.Builder
              ? "not a time of RFC 3339, as 2026-01-31T12:00:00Z"
              : "not a duration in seconds, as 1.5s");
    }
  }
}
