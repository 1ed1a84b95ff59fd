package io.turboprop.admin.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Parses JSON into a message by protobuf's JSON mapping: names in both spellings, numbers as
 * numbers or strings, null for unset fields.
 *
 * <p>Protobuf's own parser builds a tree ten times as large as the text, and needs quadratic time
 * for a long number. This reader reads the text once, value by value, in linear time. Limits:
 * {@link #DEPTH_MAX}, {@link #NUMBER_LENGTH_MAX}, {@link #VALUES_MAX}.
 */
final class JsonReader {
  static final int DEPTH_MAX = 100;
  static final int NUMBER_LENGTH_MAX = 100;

  /** The most objects, lists and names in a text: each takes more memory than its text. */
  static final int VALUES_MAX = 1_000_000;

  private static final int VALUES_WEIGHED = 1000;
  private static final int VALUE_BYTES = 100;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(64 * 1024)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final JsonParser json;
  private final boolean ignoresUnknown;
  private final LongConsumer memory;
  private int values;

  private JsonReader(JsonParser json, boolean ignoresUnknown, LongConsumer memory) {
    this.memory = memory;
    this.json = json;
    this.ignoresUnknown = ignoresUnknown;
  }

  /**
   * @param ignoresUnknown whether a field that the message does not have is skipped; otherwise it
   *     is refused
   * @param memory called with the bytes that the message takes in addition to its text; may throw
   *     to refuse them
   * @throws AdminException {@code INVALID_ARGUMENT} when the text is not JSON, or does not fit the
   *     message
   */
  static void read(
      InputStream text, Message.Builder into, boolean ignoresUnknown, LongConsumer memory) {
    try (var json = JSON.createParser(text)) {
      var reader = new JsonReader(json, ignoresUnknown, memory);
      json.nextToken();
      reader.message(into);
      if (json.nextToken() != null) {
        throw reader.malformed("something follows after its end");
      }
    } catch (StreamConstraintsException tooLarge) {
      throw refused(
          "it is nested deeper than %d, or has a number of more than %d digits"
              .formatted(DEPTH_MAX, NUMBER_LENGTH_MAX));
    } catch (JsonEOFException _) {
      throw refused("the JSON ends too early");
    } catch (JsonProcessingException noJson) {
      var where = noJson.getLocation();
      throw refused(
          "it is no JSON at line %d, column %d".formatted(where.getLineNr(), where.getColumnNr()));
    } catch (IOException unreadable) {
      throw refused("it is no UTF-8");
    }
  }

  private void message(Message.Builder into) throws IOException {
    switch (into) {
      case Timestamp.Builder _ -> text(into);
      case Duration.Builder _ -> text(into);
      case Struct.Builder struct -> struct(struct);
      case Value.Builder value -> value(value);
      case ListValue.Builder list -> list(list);
      case Any.Builder _ -> throw malformed("a message of any type is not read from JSON");
      case Message.Builder wrapper when JsonWriter.isWrapper(wrapper) -> {
        var field = wrapper.getDescriptorForType().findFieldByName("value");
        scalar(field).ifPresent(value -> wrapper.setField(field, value));
      }
      default -> fields(into);
    }
  }

  private void fields(Message.Builder into) throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
    var seen = new HashSet<FieldDescriptor>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      count();
      var name = json.currentName();
      var found = FieldPaths.field(into.getDescriptorForType(), name);
      json.nextToken();
      if (found.isEmpty()) {
        skipUnknown(into.getDescriptorForType(), name);
      } else if (!seen.add(found.get())) {
        throw malformed("the field is given twice");
      } else {
        field(into, found.get());
      }
    }
  }

  private void skipUnknown(Descriptor type, String name) throws IOException {
    if (!ignoresUnknown) {
      throw malformed("%s has no field %s".formatted(type.getName(), GivenValue.shortened(name)));
    }
    json.skipChildren();
  }

  private void field(Message.Builder into, FieldDescriptor field) throws IOException {
    if (isNull() && !takesNull(field)) {
      return;
    }
    var oneof = field.getRealContainingOneof();
    if (oneof != null && into.hasOneof(oneof)) {
      throw malformed("of the group %s another field is given too".formatted(oneof.getName()));
    }
    if (field.isMapField()) {
      map(into, field);
    } else if (field.isRepeated()) {
      expect(JsonToken.START_ARRAY, "a list");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        count();
        element(into, field).ifPresent(element -> into.addRepeatedField(field, element));
      }
    } else if (field.getJavaType() == JavaType.MESSAGE) {
      var value = into.newBuilderForField(field);
      message(value);
      into.setField(field, value.build());
    } else {
      scalar(field).ifPresent(value -> into.setField(field, value));
    }
  }

  private void map(Message.Builder into, FieldDescriptor field) throws IOException {
    var keyField = field.getMessageType().findFieldByNumber(1);
    var valueField = field.getMessageType().findFieldByNumber(2);
    var seen = new HashSet<Object>();
    expect(JsonToken.START_OBJECT, "an object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      count();
      var key = key(keyField, json.currentName());
      if (!seen.add(key)) {
        throw malformed("the key is given twice");
      }
      json.nextToken();
      var entry = into.newBuilderForField(field);
      var value = element(entry, valueField);
      if (value.isPresent()) {
        into.addRepeatedField(
            field, entry.setField(keyField, key).setField(valueField, value.get()).build());
      }
    }
  }

  private Object key(FieldDescriptor field, String name) {
    return field.getJavaType() == JavaType.STRING ? name : FieldPaths.value(field, name);
  }

  /** An element of a list, or the value of a map; empty for an unknown constant that is ignored. */
  private Optional<Object> element(Message.Builder owner, FieldDescriptor field)
      throws IOException {
    if (isNull() && !takesNull(field)) {
      throw malformed("an element may not be null");
    }
    if (field.getJavaType() == JavaType.MESSAGE) {
      var element = owner.newBuilderForField(field);
      message(element);
      return Optional.of(element.build());
    }
    return scalar(field);
  }

  private Optional<Object> scalar(FieldDescriptor field) throws IOException {
    if (!json.currentToken().isScalarValue()) {
      throw malformed("%s is no value for it".formatted(kind()));
    }
    if (field.getJavaType() == JavaType.ENUM && ignoresUnknown && isUnknownConstant(field)) {
      return Optional.empty();
    }
    try {
      return Optional.of(FieldPaths.value(field, json.getText()));
    } catch (IllegalArgumentException misfit) {
      throw malformed(
          "%s is no value for it: %s"
              .formatted(GivenValue.shortened(json.getText()), misfit.getMessage()));
    }
  }

  private boolean isUnknownConstant(FieldDescriptor field) throws IOException {
    return json.currentToken() == JsonToken.VALUE_STRING
        && field.getEnumType().findValueByName(json.getText()) == null;
  }

  private void struct(Struct.Builder into) throws IOException {
    expect(JsonToken.START_OBJECT, "an object");
    while (json.nextToken() != JsonToken.END_OBJECT) {
      count();
      var name = json.currentName();
      json.nextToken();
      var value = Value.newBuilder();
      value(value);
      into.putFields(name, value.build());
    }
  }

  private void list(ListValue.Builder into) throws IOException {
    expect(JsonToken.START_ARRAY, "a list");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      count();
      value(into.addValuesBuilder());
    }
  }

  private void value(Value.Builder into) throws IOException {
    switch (json.currentToken()) {
      case START_OBJECT -> struct(into.getStructValueBuilder());
      case START_ARRAY -> list(into.getListValueBuilder());
      case VALUE_STRING -> into.setStringValue(json.getText());
      case VALUE_TRUE, VALUE_FALSE -> into.setBoolValue(json.getBooleanValue());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          into.setNumberValue(Double.parseDouble(json.getText()));
      case VALUE_NULL -> into.setNullValue(NullValue.NULL_VALUE);
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw malformed("a value is missing");
    }
  }

  private void text(Message.Builder into) throws IOException {
    expect(JsonToken.VALUE_STRING, "a string");
    try {
      FieldPaths.parse(into, json.getText());
    } catch (IllegalArgumentException misfit) {
      throw malformed(String.valueOf(misfit.getMessage()));
    }
  }

  private void count() {
    values++;
    if (values % VALUES_WEIGHED == 0) {
      memory.accept((long) VALUES_WEIGHED * VALUE_BYTES);
    }
    if (values > VALUES_MAX) {
      throw refused("it has more than %d values".formatted(VALUES_MAX));
    }
  }

  private void expect(JsonToken token, String kind) {
    if (json.currentToken() != token) {
      throw malformed("%s is expected, not %s".formatted(kind, kind()));
    }
  }

  private String kind() {
    return switch (json.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      case null, default -> "nothing";
    };
  }

  private boolean isNull() {
    return json.currentToken() == JsonToken.VALUE_NULL;
  }

  private static boolean takesNull(FieldDescriptor field) {
    return field.getJavaType() == JavaType.MESSAGE
        && field.getMessageType().getFullName().equals(Value.getDescriptor().getFullName());
  }

  private AdminException malformed(String reason) {
    var path = json.getParsingContext().pathAsPointer().toString();
    return refused(
        "%s%s".formatted(path.isEmpty() ? "" : "at " + GivenValue.shortened(path) + ": ", reason));
  }

  private static AdminException refused(String reason) {
    return AdminException.invalidArgument("malformed request body: " + reason);
  }
}
