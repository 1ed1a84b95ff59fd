package io.turboprop.plugin.local;

import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Void;
import flyteidl.core.Types.SimpleType;
import io.turboprop.plugin.container.LiteralFormatter;
import io.turboprop.plugin.local.RawOutputs.RawOutputException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Parses simple values as programs write them. The inverse of {@link LiteralFormatter}, which
 * accepts some more forms.
 */
final class LiteralParser {
  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");
  private static final Pattern DURATION =
      Pattern.compile("[-+]?(?:0|(?:" + DURATION_PART.pattern() + ")+)");
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final Map<String, Long> NANOS_BY_UNIT =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "ms", 1_000_000L,
          "s", NANOS_PER_SECOND,
          "m", 60 * NANOS_PER_SECOND,
          "h", 3_600 * NANOS_PER_SECOND);

  private LiteralParser() {}

  /**
   * Parses the text of an output; blanks, tabs and line ends around the text are ignored.
   *
   * @param name the name of the output, for messages
   * @throws RawOutputException when the text is not a value of that type
   */
  static Literal parse(String name, SimpleType type, String written) throws RawOutputException {
    var text = trim(written);
    try {
      return switch (type) {
        case INTEGER -> literal(Primitive.newBuilder().setInteger(Long.parseLong(text)));
        case FLOAT -> literal(Primitive.newBuilder().setFloatValue(Double.parseDouble(text)));
        case STRING -> literal(Primitive.newBuilder().setStringValue(text));
        case BOOLEAN -> literal(Primitive.newBuilder().setBoolean(truth(text)));
        case DATETIME -> literal(Primitive.newBuilder().setDatetime(moment(text)));
        case DURATION -> literal(Primitive.newBuilder().setDuration(duration(text)));
        case NONE -> literal(Scalar.newBuilder().setNoneType(Void.getDefaultInstance()));
        case STRUCT -> literal(Scalar.newBuilder().setGeneric(struct(text)));
        case BINARY, ERROR, UNRECOGNIZED ->
            throw new RawOutputException(
                "output '" + name + "' of type " + type + " cannot be read from a file");
      };
    } catch (DateTimeException | InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new RawOutputException(
          "output '" + name + "': '" + text + "' is no " + type + " (" + e.getMessage() + ")");
    }
  }

  private static String trim(String text) {
    return text.replaceAll("^[ \\t\\r\\n]+|[ \\t\\r\\n]+$", "");
  }

  private static Literal literal(Primitive.Builder primitive) {
    return literal(Scalar.newBuilder().setPrimitive(primitive));
  }

  private static Literal literal(Scalar.Builder scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }

  private static boolean truth(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "True", "TRUE" -> true;
      case "0", "f", "F", "false", "False", "FALSE" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }

  private static Timestamp moment(String text) {
    var instant = OffsetDateTime.parse(text).toInstant();
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** Numbers with units, {@code 1h30m} or {@code -1.5s}. */
  private static Duration duration(String text) {
    if (!DURATION.matcher(text).matches()) {
      throw new IllegalArgumentException("expected numbers with units, like 1h30m");
    }
    var nanos =
        DURATION_PART
            .matcher(text)
            .results()
            .map(part -> new BigDecimal(part.group(1)).multiply(unit(part.group(2))))
            .reduce(BigDecimal.ZERO, BigDecimal::add)
            .longValue();
    var signed = text.startsWith("-") ? -nanos : nanos;
    return Duration.newBuilder()
        .setSeconds(signed / NANOS_PER_SECOND)
        .setNanos((int) (signed % NANOS_PER_SECOND))
        .build();
  }

  private static BigDecimal unit(String name) {
    return BigDecimal.valueOf(NANOS_BY_UNIT.getOrDefault(name, 1L));
  }

  private static Struct struct(String json) throws InvalidProtocolBufferException {
    var struct = Struct.newBuilder();
    JsonFormat.parser().merge(json, struct);
    return struct.build();
  }
}
