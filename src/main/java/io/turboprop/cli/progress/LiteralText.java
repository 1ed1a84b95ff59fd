package io.turboprop.cli.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;

/**
 * Literals as JSON for people: plain values as they are, files and tables as their addresses,
 * dataclasses (MessagePack, as flytekit 1.16 writes them) as objects.
 */
public final class LiteralText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String MESSAGE_PACK = "msgpack";

  private LiteralText() {}

  /** One literal as one line of JSON. */
  public static String of(Literal literal) {
    return json(literal).toString();
  }

  private static JsonNode json(Literal literal) {
    return switch (literal.getValueCase()) {
      case SCALAR -> json(literal.getScalar());
      case COLLECTION -> {
        var array = NODES.arrayNode();
        literal.getCollection().getLiteralsList().forEach(item -> array.add(json(item)));
        yield array;
      }
      case MAP -> {
        var object = NODES.objectNode();
        sorted(literal.getMap().getLiteralsMap())
            .forEach((key, item) -> object.set(key, json(item)));
        yield object;
      }
      case OFFLOADED_METADATA -> NODES.textNode(literal.getOffloadedMetadata().getUri());
      case VALUE_NOT_SET -> NODES.nullNode();
    };
  }

  private static JsonNode json(Scalar scalar) {
    return switch (scalar.getValueCase()) {
      case PRIMITIVE -> json(scalar.getPrimitive());
      case BLOB -> NODES.textNode(scalar.getBlob().getUri());
      case BINARY -> json(scalar.getBinary());
      case SCHEMA -> NODES.textNode(scalar.getSchema().getUri());
      case ERROR -> NODES.textNode(scalar.getError().getMessage());
      case GENERIC -> json(scalar.getGeneric());
      case STRUCTURED_DATASET -> NODES.textNode(scalar.getStructuredDataset().getUri());
      case UNION -> json(scalar.getUnion().getValue());
      case NONE_TYPE, VALUE_NOT_SET -> NODES.nullNode();
    };
  }

  private static JsonNode json(Primitive primitive) {
    return switch (primitive.getValueCase()) {
      case INTEGER -> NODES.numberNode(primitive.getInteger());
      case FLOAT_VALUE -> NODES.numberNode(primitive.getFloatValue());
      case STRING_VALUE -> NODES.textNode(primitive.getStringValue());
      case BOOLEAN -> NODES.booleanNode(primitive.getBoolean());
      case DATETIME -> NODES.textNode(Timestamps.toString(primitive.getDatetime()));
      case DURATION -> NODES.textNode(Durations.toString(primitive.getDuration()));
      case VALUE_NOT_SET -> NODES.nullNode();
    };
  }

  private static JsonNode json(Binary binary) {
    if (!binary.getTag().equals(MESSAGE_PACK)) {
      return bytes(binary.getValue());
    }
    try (var unpacker = MessagePack.newDefaultUnpacker(binary.getValue().toByteArray())) {
      return JSON.readTree(unpacker.unpackValue().toJson());
    } catch (IOException | MessagePackException e) {
      return bytes(binary.getValue()); // it is not what its tag says; only text is at stake here
    }
  }

  private static JsonNode json(MessageOrBuilder message) {
    try {
      return JSON.readTree(JsonFormat.printer().print(message));
    } catch (InvalidProtocolBufferException | JsonProcessingException e) {
      throw new IllegalStateException("a Struct that is no JSON: " + message, e);
    }
  }

  private static JsonNode bytes(ByteString value) {
    return NODES.textNode("<" + value.size() + " bytes>");
  }

  private static Map<String, Literal> sorted(Map<String, Literal> literals) {
    return new TreeMap<>(literals);
  }
}
