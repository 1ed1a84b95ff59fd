package io.turboprop.admin.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.JsonFormat.Printer;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.MediaType;
import flyteidl.admin.Common;
import flyteidl.admin.WorkflowOuterClass;
import java.util.List;

/**
 * How messages are written in REST. It is chosen by the exact text of {@code Accept}, then of
 * {@code Content-Type}, as grpc-gateway does: a client that says {@code application/json} gets the
 * field names of the protos, one that says nothing gets lowerCamelCase.
 *
 * <p>JSON holds what is not set too: null for messages, the default for the rest.
 */
public enum Encoding {
  /** Binary protobuf, both ways: what the console uses. */
  PROTOBUF,
  /** JSON with the protos' field names; a request with an unknown field is refused. */
  SNAKE_JSON,
  /** JSON with lowerCamelCase names; unknown fields of a request are ignored. */
  CAMEL_JSON;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
              .build());
  private static final TypeRegistry DETAILS =
      TypeRegistry.newBuilder()
          .add(
              List.of(
                  WorkflowOuterClass.CreateWorkflowFailureReason.getDescriptor(),
                  flyteidl.admin.Event.EventFailureReason.getDescriptor(),
                  flyteidl.admin.ProjectOuterClass.Project.getDescriptor(),
                  Common.ObjectGetRequest.getDescriptor()))
          .build();
  private static final Printer CAMEL =
      JsonFormat.printer()
          .usingTypeRegistry(DETAILS)
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace();
  private static final Printer SNAKE = CAMEL.preservingProtoFieldNames();

  /** The encoding of a request's body. */
  static Encoding ofRequest(HttpHeaders headers) {
    return first(headers.getAll(HttpHeaderNames.CONTENT_TYPE), CAMEL_JSON);
  }

  /** The encoding of its answer. */
  static Encoding ofResponse(HttpHeaders headers) {
    return first(headers.getAll(HttpHeaderNames.ACCEPT), ofRequest(headers));
  }

  private static Encoding first(List<String> types, Encoding otherwise) {
    for (var type : types) {
      switch (type) {
        case "application/octet-stream" -> {
          return PROTOBUF;
        }
        case "application/json" -> {
          return SNAKE_JSON;
        }
        default -> {}
      }
    }
    return otherwise;
  }

  MediaType mediaType() {
    return switch (this) {
      case PROTOBUF -> MediaType.OCTET_STREAM;
      case SNAKE_JSON, CAMEL_JSON -> MediaType.JSON;
    };
  }

  /**
   * Reads a body into a message.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} when it is malformed
   */
  void read(HttpData body, Message.Builder into) {
    try {
      switch (this) {
        case PROTOBUF -> into.mergeFrom(body.array());
        case SNAKE_JSON -> JsonFormat.parser().merge(body.toStringUtf8(), into);
        case CAMEL_JSON ->
            JsonFormat.parser().ignoringUnknownFields().merge(body.toStringUtf8(), into);
      }
    } catch (InvalidProtocolBufferException malformed) {
      throw AdminException.invalidArgument("malformed request body: " + malformed.getMessage());
    }
  }

  HttpData write(Message message) {
    return switch (this) {
      case PROTOBUF -> HttpData.wrap(message.toByteArray());
      case SNAKE_JSON, CAMEL_JSON -> HttpData.ofUtf8(print(message));
    };
  }

  /** The message as JSON, one line with its end. */
  String print(Message message) {
    try {
      var tree = JSON.readTree((this == SNAKE_JSON ? SNAKE : CAMEL).print(message));
      if (tree instanceof ObjectNode object) {
        addNulls(object, message);
      }
      return JSON.writeValueAsString(tree) + "\n";
    } catch (InvalidProtocolBufferException | JsonProcessingException impossible) {
      throw new IllegalStateException(
          "cannot print " + message.getDescriptorForType().getFullName(), impossible);
    }
  }

  private void addNulls(ObjectNode json, Message message) {
    if (isWellKnown(message)) {
      return;
    }
    for (var field : message.getDescriptorForType().getFields()) {
      if (field.getJavaType() == JavaType.MESSAGE) {
        addNulls(json, message, field);
      }
    }
  }

  private void addNulls(ObjectNode json, Message message, FieldDescriptor field) {
    var name = this == SNAKE_JSON ? field.getName() : field.getJsonName();
    if (field.isRepeated()) {
      addNullsToAll(json.path(name), (List<?>) message.getField(field));
    } else if (message.hasField(field)) {
      addNulls(json.path(name), message.getField(field));
    } else if (field.getRealContainingOneof() == null) {
      json.putNull(name);
    }
  }

  private void addNullsToAll(JsonNode json, List<?> values) {
    for (var i = 0; i < values.size(); i++) {
      if (values.get(i) instanceof MapEntry<?, ?> entry) {
        addNulls(json.path(entry.getKey().toString()), entry.getValue());
      } else {
        addNulls(json.path(i), values.get(i));
      }
    }
  }

  private void addNulls(JsonNode json, Object value) {
    if (json instanceof ObjectNode object && value instanceof Message message) {
      addNulls(object, message);
    }
  }

  private static boolean isWellKnown(Message message) {
    return message.getDescriptorForType().getFile().getPackage().equals("google.protobuf");
  }
}
