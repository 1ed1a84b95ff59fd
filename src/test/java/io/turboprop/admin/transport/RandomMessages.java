package io.turboprop.admin.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Random;

/** Makes random messages of any type; the same seed gives the same message. */
public final class RandomMessages {
  private static final int DEPTH_MAX = 6;
  private static final int ELEMENTS_MAX = 3;
  private static final String[] TEXTS = {
    "", "a", "flytesnacks", "development", "v1", "ä€😀", "x y\n\"\\", "1", "o0", "n0"
  };

  private final Random random;
  private final int fillPercent;

  /**
   * @param fillPercent the percentage of fields that are set
   */
  public RandomMessages(Random random, int fillPercent) {
    this.random = random;
    this.fillPercent = fillPercent;
  }

  /** Changes a message that is valid: fills some fields of one of its parts, or clears one. */
  public void change(Message.Builder into) {
    var parts =
        into.getAllFields().keySet().stream()
            .filter(field -> field.getJavaType() == JavaType.MESSAGE && !field.isMapField())
            .toList();
    if (parts.isEmpty() || random.nextInt(4) == 0) {
      changeFields(into);
      return;
    }
    var part = parts.get(random.nextInt(parts.size()));
    if (!part.isRepeated()) {
      change(into.getFieldBuilder(part));
    } else if (into.getRepeatedFieldCount(part) > 0) {
      change(into.getRepeatedFieldBuilder(part, random.nextInt(into.getRepeatedFieldCount(part))));
    }
  }

  private void changeFields(Message.Builder into) {
    var set = List.copyOf(into.getAllFields().keySet());
    if (!set.isEmpty() && random.nextBoolean()) {
      into.clearField(set.get(random.nextInt(set.size())));
    } else {
      fill(into);
    }
  }

  public void fill(Message.Builder into) {
    fill(into, 0);
  }

  private void fill(Message.Builder into, int depth) {
    var type = into.getDescriptorForType();
    switch (type.getFullName()) {
      case "google.protobuf.Timestamp" -> {
        into.setField(type.findFieldByName("seconds"), (long) random.nextInt());
        into.setField(type.findFieldByName("nanos"), random.nextInt(1_000) * 1_000_000);
      }
      case "google.protobuf.Duration" ->
          into.setField(type.findFieldByName("seconds"), (long) random.nextInt(100_000));
      case "google.protobuf.Value" ->
          into.setField(type.findFieldByName("number_value"), random.nextInt(100) / 4.0);
      default -> {
        for (var field : into.getDescriptorForType().getFields()) {
          if (random.nextInt(100) < fillPercent) {
            set(into, field, depth);
          }
        }
      }
    }
  }

  private void set(Message.Builder into, FieldDescriptor field, int depth) {
    var isMessage = field.getJavaType() == JavaType.MESSAGE;
    if (isMessage && (depth >= DEPTH_MAX || isAny(field))) {
      return;
    }
    if (field.isMapField()) {
      var entry = into.newBuilderForField(field);
      var valueField = field.getMessageType().findFieldByNumber(2);
      entry.setField(field.getMessageType().findFieldByNumber(1), TEXTS[1 + random.nextInt(9)]);
      entry.setField(valueField, value(entry, valueField, depth));
      into.addRepeatedField(field, entry.build());
    } else if (field.isRepeated()) {
      for (var count = random.nextInt(ELEMENTS_MAX); count > 0; count--) {
        into.addRepeatedField(field, value(into, field, depth));
      }
    } else {
      into.setField(field, value(into, field, depth));
    }
  }

  private Object value(Message.Builder owner, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(100);
      case LONG -> random.nextInt(4) == 0 ? random.nextLong() : (long) random.nextInt(100);
      case FLOAT -> random.nextInt(100) / 8f;
      case DOUBLE -> random.nextInt(100) / 8.0;
      case BOOLEAN -> random.nextBoolean();
      case STRING -> TEXTS[random.nextInt(TEXTS.length)];
      case BYTE_STRING -> ByteString.copyFromUtf8(TEXTS[random.nextInt(TEXTS.length)]);
      case ENUM -> constant(field.getEnumType());
      case MESSAGE -> {
        var value = owner.newBuilderForField(field);
        fill(value, depth + 1);
        yield value.build();
      }
    };
  }

  private Object constant(EnumDescriptor type) {
    return type.getValues().get(random.nextInt(type.getValues().size()));
  }

  private static boolean isAny(FieldDescriptor field) {
    return field.getMessageType().getFullName().equals("google.protobuf.Any");
  }
}
