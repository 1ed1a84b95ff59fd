package io.turboprop.admin.transport;

import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.LiteralType;
import io.turboprop.compiler.LiteralTypes;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Describes a client's value for messages: the type, and the beginning of the value. */
public final class GivenValue {
  private static final int LENGTH_MAX = 100;

  private GivenValue() {}

  /**
   * Formats a type and a value, as {@code STRING: "three"}; at most 100 characters of the value.
   */
  public static String describe(LiteralType type, Literal value) {
    return LiteralTypes.describe(type) + ": " + text(value);
  }

  /** Reads no more of the value than is shown, so that a large value costs little. */
  private static String text(Literal literal) {
    return shortened(
        switch (literal.getValueCase()) {
          case SCALAR -> text(literal.getScalar());
          case COLLECTION ->
              joined(
                  literal.getCollection().getLiteralsList().stream().map(GivenValue::text), "[]");
          case MAP ->
              joined(
                  literal.getMap().getLiteralsMap().entrySet().stream()
                      .map(entry -> quoted(entry.getKey()) + ": " + text(entry.getValue())),
                  "{}");
          case OFFLOADED_METADATA -> literal.getOffloadedMetadata().getUri();
          case VALUE_NOT_SET -> "nothing";
        });
  }

  private static String text(Scalar scalar) {
    return switch (scalar.getValueCase()) {
      case PRIMITIVE -> text(scalar.getPrimitive());
      case BLOB -> scalar.getBlob().getUri();
      case SCHEMA -> scalar.getSchema().getUri();
      case STRUCTURED_DATASET -> scalar.getStructuredDataset().getUri();
      case BINARY -> scalar.getBinary().getValue().size() + " bytes";
      case GENERIC ->
          joined(
              scalar.getGeneric().getFieldsMap().keySet().stream().map(key -> quoted(key) + ": …"),
              "{}");
      case ERROR -> scalar.getError().getMessage();
      case UNION -> text(scalar.getUnion().getValue());
      case NONE_TYPE -> "none";
      case VALUE_NOT_SET -> "nothing";
    };
  }

  private static String text(Primitive primitive) {
    return switch (primitive.getValueCase()) {
      case INTEGER -> Long.toString(primitive.getInteger());
      case FLOAT_VALUE -> Double.toString(primitive.getFloatValue());
      case STRING_VALUE -> quoted(primitive.getStringValue());
      case BOOLEAN -> Boolean.toString(primitive.getBoolean());
      case DATETIME -> time(primitive.getDatetime());
      case DURATION -> time(primitive.getDuration());
      case VALUE_NOT_SET -> "nothing";
    };
  }

  /** Protobuf's text form, because the time may be outside of every calendar. */
  private static String time(MessageOrBuilder time) {
    return TextFormat.printer().emittingSingleLine(true).printToString(time);
  }

  private static String joined(Stream<String> parts, String brackets) {
    return parts
        .limit(LENGTH_MAX)
        .collect(Collectors.joining(", ", brackets.substring(0, 1), brackets.substring(1)));
  }

  private static String quoted(String text) {
    return '"' + shortened(text) + '"';
  }

  static String shortened(String text) {
    return shortened(text, LENGTH_MAX);
  }

  /**
   * The beginning of a text.
   *
   * @param lengthMax the most characters of the result
   */
  public static String shortened(String text, int lengthMax) {
    return text.length() <= lengthMax || text.codePointCount(0, text.length()) <= lengthMax
        ? text
        : text.substring(0, text.offsetByCodePoints(0, lengthMax - 1)) + "…";
  }
}
