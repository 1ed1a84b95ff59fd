package io.turboprop.admin.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Duration;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.DebugInfo;
import com.google.rpc.RetryInfo;
import flyteidl.admin.Common;
import flyteidl.admin.WorkflowOuterClass;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * Writes messages as JSON, like grpc-gateway: unset fields too, as null for a message and as the
 * default value for others; of a oneof only the set member.
 *
 * <p>Protobuf's own printer leaves unset messages out, holds the whole text, and fails for values
 * that JSON can't express. This writer streams the message, and no value makes it fail: a time or
 * duration out of range becomes the nearest that JSON has, a number that is not finite a string
 * ({@code "NaN"}), half of a surrogate pair a question mark.
 */
final class JsonWriter {
  private static final JsonFactory JSON = new JsonFactory();

  /** The message types that the details of a refusal may contain. */
  private static final TypeRegistry DETAILS =
      TypeRegistry.newBuilder()
          .add(
              List.of(
                  WorkflowOuterClass.CreateWorkflowFailureReason.getDescriptor(),
                  flyteidl.admin.Event.EventFailureReason.getDescriptor(),
                  flyteidl.admin.ProjectOuterClass.Project.getDescriptor(),
                  DebugInfo.getDescriptor(),
                  RetryInfo.getDescriptor(),
                  Common.ObjectGetRequest.getDescriptor()))
          .build();

  private final JsonGenerator json;
  private final boolean snakeCase;

  private JsonWriter(JsonGenerator json, boolean snakeCase) {
    this.json = json;
    this.snakeCase = snakeCase;
  }

  /**
   * Writes a line with its line end, and closes the stream.
   *
   * @param snakeCase true: field names as in the protos; false: lowerCamelCase
   */
  static void write(Message message, boolean snakeCase, OutputStream out) throws IOException {
    var text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    try (var json = JSON.createGenerator(text)) {
      new JsonWriter(json, snakeCase).message(message);
      json.writeRaw('\n');
    }
  }

  private void message(Message message) throws IOException {
    switch (message) {
      case Timestamp time -> json.writeString(Timestamps.toString(nearest(time)));
      case Duration duration -> json.writeString(Durations.toString(nearest(duration)));
      case Struct struct -> struct(struct);
      case Value value -> value(value);
      case ListValue list -> list(list);
      case Any any -> any(any);
      case Message wrapper when isWrapper(wrapper) ->
          value(field(wrapper, "value"), wrapper.getField(field(wrapper, "value")));
      default -> {
        json.writeStartObject();
        fields(message);
        json.writeEndObject();
      }
    }
  }

  private void fields(Message message) throws IOException {
    for (var field : message.getDescriptorForType().getFields()) {
      var isWritten = field.isRepeated() || !field.hasPresence() || message.hasField(field);
      if (isWritten) {
        json.writeFieldName(name(field));
        field(field, message.getField(field));
      } else if (field.getJavaType() == JavaType.MESSAGE
          && field.getRealContainingOneof() == null) {
        json.writeNullField(name(field));
      }
    }
  }

  private String name(FieldDescriptor field) {
    return snakeCase ? field.getName() : field.getJsonName();
  }

  private void field(FieldDescriptor field, Object content) throws IOException {
    if (field.isMapField()) {
      map(field, (List<?>) content);
    } else if (field.isRepeated()) {
      json.writeStartArray();
      for (var element : (List<?>) content) {
        value(field, element);
      }
      json.writeEndArray();
    } else {
      value(field, content);
    }
  }

  private void map(FieldDescriptor field, List<?> entries) throws IOException {
    var valueField = field.getMessageType().findFieldByNumber(2);
    json.writeStartObject();
    for (var element : entries) {
      var entry = (MapEntry<?, ?>) element;
      json.writeFieldName(String.valueOf(entry.getKey()));
      value(valueField, entry.getValue());
    }
    json.writeEndObject();
  }

  private void value(FieldDescriptor field, Object value) throws IOException {
    switch (value) {
      case Message message -> message(message);
      case String text -> json.writeString(text);
      case Boolean bool -> json.writeBoolean(bool);
      case Integer number ->
          json.writeNumber(FieldPaths.isUnsigned(field) ? Integer.toUnsignedLong(number) : number);
      case Long number ->
          json.writeString(
              FieldPaths.isUnsigned(field) ? Long.toUnsignedString(number) : Long.toString(number));
      case Float number -> number(number, Float.isFinite(number));
      case Double number -> number(number, Double.isFinite(number));
      case ByteString bytes ->
          json.writeString(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      case EnumValueDescriptor constant when constant.getIndex() < 0 ->
          json.writeNumber(constant.getNumber());
      case EnumValueDescriptor constant -> json.writeString(constant.getName());
      default -> throw new IllegalArgumentException("no value of a message: " + value.getClass());
    }
  }

  private void number(Number number, boolean isFinite) throws IOException {
    if (!isFinite) {
      json.writeString(number.toString());
    } else if (number instanceof Float single) {
      json.writeNumber(single);
    } else {
      json.writeNumber(number.doubleValue());
    }
  }

  private void struct(Struct struct) throws IOException {
    json.writeStartObject();
    for (var entry : struct.getFieldsMap().entrySet()) {
      json.writeFieldName(entry.getKey());
      value(entry.getValue());
    }
    json.writeEndObject();
  }

  private void list(ListValue list) throws IOException {
    json.writeStartArray();
    for (var element : list.getValuesList()) {
      value(element);
    }
    json.writeEndArray();
  }

  private void value(Value value) throws IOException {
    switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> json.writeNull();
      case NUMBER_VALUE -> number(value.getNumberValue(), Double.isFinite(value.getNumberValue()));
      case STRING_VALUE -> json.writeString(value.getStringValue());
      case BOOL_VALUE -> json.writeBoolean(value.getBoolValue());
      case STRUCT_VALUE -> struct(value.getStructValue());
      case LIST_VALUE -> list(value.getListValue());
    }
  }

  /** A message of an unknown type is written as its bytes. */
  private void any(Any any) throws IOException {
    json.writeStartObject();
    if (!any.getTypeUrl().isEmpty()) {
      json.writeStringField("@type", any.getTypeUrl());
      var type = DETAILS.getDescriptorForTypeUrl(any.getTypeUrl());
      if (type == null) {
        bytes(any);
      } else {
        try {
          fields(DynamicMessage.parseFrom(type, any.getValue()));
        } catch (InvalidProtocolBufferException _) {
          bytes(any);
        }
      }
    }
    json.writeEndObject();
  }

  private void bytes(Any any) throws IOException {
    json.writeStringField(
        "value", Base64.getEncoder().encodeToString(any.getValue().toByteArray()));
  }

  static boolean isWrapper(MessageOrBuilder message) {
    var type = message.getDescriptorForType();
    return type.getFile().getName().equals("google/protobuf/wrappers.proto");
  }

  private static FieldDescriptor field(Message message, String name) {
    return message.getDescriptorForType().findFieldByName(name);
  }

  private static Timestamp nearest(Timestamp time) {
    if (Timestamps.isValid(time)) {
      return time;
    }
    var seconds =
        Math.clamp(
            time.getSeconds(),
            Timestamps.MIN_VALUE.getSeconds(),
            Timestamps.MAX_VALUE.getSeconds());
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }

  private static Duration nearest(Duration duration) {
    if (Durations.isValid(duration)) {
      return duration;
    }
    var most = Durations.MAX_VALUE.getSeconds();
    return Duration.newBuilder().setSeconds(Math.clamp(duration.getSeconds(), -most, most)).build();
  }
}
