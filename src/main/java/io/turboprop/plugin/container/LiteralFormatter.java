package io.turboprop.plugin.container;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.stream.Collectors;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;

/**
 * Formats a literal as text for a command line or a file, as FlytePropeller and flyte-copilot do.
 */
public final class LiteralFormatter {
  /** RFC 3339 with as many digits of a second as the value needs. */
  private static final DateTimeFormatter MOMENT =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendLiteral('Z')
          .toFormatter()
          .withZone(ZoneOffset.UTC);

  private LiteralFormatter() {}

  /** The literal has no text form. */
  public static final class NoTextException extends Exception {
    private static final long serialVersionUID = 1L;

    NoTextException(String message) {
      super(message);
    }
  }

  /** Formats a literal for a command line. */
  public static String of(Literal literal) throws NoTextException {
    return switch (literal.getValueCase()) {
      case SCALAR -> of(literal.getScalar());
      case COLLECTION -> {
        var elements = new ArrayList<String>();
        for (var element : literal.getCollection().getLiteralsList()) {
          elements.add(of(element));
        }
        yield "[" + String.join(",", elements) + "]";
      }
      case MAP, OFFLOADED_METADATA, VALUE_NOT_SET -> throw none(literal.getValueCase());
    };
  }

  private static String of(Scalar scalar) throws NoTextException {
    return switch (scalar.getValueCase()) {
      case PRIMITIVE -> of(scalar.getPrimitive());
      case BLOB -> scalar.getBlob().getUri();
      case SCHEMA -> scalar.getSchema().getUri();
      case BINARY -> of(scalar.getBinary());
      case NONE_TYPE, ERROR, GENERIC, STRUCTURED_DATASET, UNION, VALUE_NOT_SET ->
          throw none(scalar.getValueCase());
    };
  }

  /** Formats a simple value. */
  public static String of(Primitive primitive) throws NoTextException {
    return switch (primitive.getValueCase()) {
      case INTEGER -> Long.toString(primitive.getInteger());
      case FLOAT_VALUE -> number(primitive.getFloatValue());
      case STRING_VALUE -> primitive.getStringValue();
      case BOOLEAN -> Boolean.toString(primitive.getBoolean());
      case DATETIME -> moment(primitive.getDatetime());
      case DURATION -> duration(primitive.getDuration());
      case VALUE_NOT_SET -> throw none(primitive.getValueCase());
    };
  }

  private static NoTextException none(Enum<?> valueCase) {
    return new NoTextException("a value of kind " + valueCase + " has no text form");
  }

  /**
   * Formats a number with the fewest digits that identify it, and with an exponent from 1e21 and
   * below 1e-4.
   */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    var exponent = decimal.precision() - decimal.scale() - 1;
    return exponent < -4 || exponent >= 21
        ? scientific(decimal, exponent)
        : decimal.toPlainString();
  }

  private static String scientific(BigDecimal decimal, int exponent) {
    var mantissa = decimal.movePointLeft(exponent).toPlainString();
    var digits = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
    return mantissa + "e" + (exponent < 0 ? "-" : "+") + digits;
  }

  private static String moment(Timestamp timestamp) {
    return MOMENT.format(Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos()));
  }

  /** Protobuf's text form, {@code seconds:5}, which Flyte passes to tasks. */
  private static String duration(Duration duration) {
    var seconds = duration.getSeconds() == 0 ? "" : "seconds:" + duration.getSeconds();
    var nanos = duration.getNanos() == 0 ? "" : "nanos:" + duration.getNanos();
    return (seconds + " " + nanos).strip();
  }

  private static String of(Binary binary) throws NoTextException {
    if (!binary.getTag().equals("msgpack")) {
      throw new NoTextException(
          "a binary value with tag '" + binary.getTag() + "' has no text form");
    }
    try (var unpacker = MessagePack.newDefaultUnpacker(binary.getValue().toByteArray())) {
      return of(unpacker.unpackValue());
    } catch (IOException e) {
      throw new NoTextException("not msgpack: " + e.getMessage());
    }
  }

  /** Lists as {@code [1 2]}, maps as {@code map[a:1 b:2]} with sorted keys. */
  private static String of(Value value) {
    return switch (value.getValueType()) {
      case NIL -> "<nil>";
      case BOOLEAN, INTEGER -> value.toString();
      case FLOAT -> number(value.asFloatValue().toDouble());
      case STRING -> value.asStringValue().asString();
      case BINARY, EXTENSION -> value.toString();
      case ARRAY ->
          value.asArrayValue().list().stream()
              .map(LiteralFormatter::of)
              .collect(Collectors.joining(" ", "[", "]"));
      case MAP ->
          value.asMapValue().entrySet().stream()
              .map(entry -> of(entry.getKey()) + ":" + of(entry.getValue()))
              .sorted()
              .collect(Collectors.joining(" ", "map[", "]"));
    };
  }
}
