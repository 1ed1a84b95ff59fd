package io.turboprop.admin.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.Base64;
import java.util.Optional;

/**
 * Fills fields of a message from text, as paths and queries give it: {@code id.project}, {@code
 * sortBy.key}. Both spellings of a name are understood.
 */
final class FieldPaths {
  private FieldPaths() {}

  /**
   * Sets one field, or adds to it if it is repeated.
   *
   * @return false when there is no such field
   * @throws AdminException {@code INVALID_ARGUMENT} when the text is none of its values
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

  private static Optional<FieldDescriptor> field(Descriptor type, String name) {
    return type.getFields().stream()
        .filter(field -> field.getName().equals(name) || field.getJsonName().equals(name))
        .findFirst();
  }

  private static Object value(Message.Builder message, FieldDescriptor field, String text) {
    try {
      return switch (field.getJavaType()) {
        case INT -> isUnsigned(field) ? Integer.parseUnsignedInt(text) : Integer.parseInt(text);
        case LONG -> isUnsigned(field) ? Long.parseUnsignedLong(text) : Long.parseLong(text);
        case FLOAT -> Float.parseFloat(text);
        case DOUBLE -> Double.parseDouble(text);
        case BOOLEAN -> bool(text);
        case STRING -> text;
        case BYTE_STRING -> ByteString.copyFrom(base64(text));
        case ENUM -> enumValue(field.getEnumType(), text);
        case MESSAGE -> message(message.newBuilderForField(field), text);
      };
    } catch (IllegalArgumentException | InvalidProtocolBufferException malformed) {
      throw AdminException.invalidArgument(
          "invalid value '" + text + "' for " + field.getName() + ": " + malformed.getMessage());
    }
  }

  private static boolean isUnsigned(FieldDescriptor field) {
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
    var plain = text.replace('-', '+').replace('_', '/');
    return Base64.getDecoder().decode(plain);
  }

  private static EnumValueDescriptor enumValue(EnumDescriptor type, String text) {
    var named = type.findValueByName(text);
    var value = named == null ? type.findValueByNumber(Integer.parseInt(text)) : named;
    if (value == null) {
      throw new IllegalArgumentException("no value of " + type.getName());
    }
    return value;
  }

  /** A message that JSON writes as a string: a time, a duration, a wrapper. */
  private static Message message(Message.Builder builder, String text)
      throws InvalidProtocolBufferException {
    var quoted = '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    JsonFormat.parser().merge(quoted, builder);
    return builder.build();
  }
}
