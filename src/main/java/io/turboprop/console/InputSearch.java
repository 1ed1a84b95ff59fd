package io.turboprop.console;

import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import io.turboprop.store.InputTables;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Finds executions by the values of their inputs. Inputs are not indexed, so the search is limited:
 * it reads the newest {@link #EXECUTIONS_MAX} executions of a domain, and the answer says how many
 * it has read. Inputs of more than {@link #INPUTS_BYTES_MAX} bytes are passed over.
 */
final class InputSearch {
  static final int EXECUTIONS_MAX = 2_000;
  static final int INPUTS_BYTES_MAX = 8 * 1024;
  private static final int EXECUTIONS_PER_QUERY = 250;
  private static final int FOUND_MAX = 100;
  private static final int DEPTH_MAX = 20;

  private final InputTables inputs;

  InputSearch(InputTables inputs) {
    this.inputs = inputs;
  }

  /**
   * The names of the executions whose inputs fit, the newest first; blocks.
   *
   * @param text a value, or {@code name=value} for the value of one input
   */
  JsonAnswer.Content search(String project, String domain, String text) {
    var fits = fits(text);
    var names = new ArrayList<String>();
    var searched = 0;
    var page = inputs.newest(project, domain, INPUTS_BYTES_MAX, EXECUTIONS_PER_QUERY);
    while (!page.isEmpty() && names.size() < FOUND_MAX && searched < EXECUTIONS_MAX) {
      for (var row : page) {
        if (fits.test(parse(row))) {
          names.add(row.name());
        }
      }
      searched += page.size();
      page =
          page.size() < EXECUTIONS_PER_QUERY
              ? page.subList(0, 0)
              : inputs.before(
                  page.getLast(), project, domain, INPUTS_BYTES_MAX, EXECUTIONS_PER_QUERY);
    }
    var found = names.subList(0, Math.min(names.size(), FOUND_MAX));
    var read = searched;
    var complete = page.isEmpty();
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("names");
      for (var name : found) {
        json.writeString(name);
      }
      json.writeEndArray();
      json.writeNumberField("searched", read);
      json.writeBooleanField("complete", complete);
      json.writeEndObject();
    };
  }

  private static LiteralMap parse(InputTables.Inputs row) {
    try {
      return LiteralMap.parseFrom(row.literals());
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException("the inputs of %s can't be read".formatted(row.name()), e);
    }
  }

  /** Whether inputs have this value, or the named input has the value behind the equals sign. */
  static Predicate<LiteralMap> fits(String text) {
    var wanted = text.toLowerCase(Locale.ROOT);
    var equals = text.indexOf('=');
    if (equals <= 0) {
      return inputs ->
          inputs.getLiteralsMap().values().stream().anyMatch(each -> has(each, wanted, 0));
    }
    var name = text.substring(0, equals).strip();
    var value = wanted.substring(equals + 1).strip();
    return inputs ->
        inputs.getLiteralsMap().entrySet().stream()
            .anyMatch(entry ->
                entry.getKey().equals(name)
                    ? has(entry.getValue(), value, 0)
                    : has(entry.getValue(), wanted, 0));
  }

  /** Whether a value is the wanted one, or a text in it contains it; in lists and maps, any. */
  private static boolean has(Literal literal, String wanted, int depth) {
    if (depth > DEPTH_MAX) {
      return false;
    }
    return switch (literal.getValueCase()) {
      case SCALAR -> has(literal.getScalar(), wanted, depth);
      case COLLECTION ->
          literal.getCollection().getLiteralsList().stream()
              .anyMatch(each -> has(each, wanted, depth + 1));
      case MAP -> has(literal.getMap().getLiteralsMap(), wanted, depth);
      case OFFLOADED_METADATA, VALUE_NOT_SET -> false;
    };
  }

  private static boolean has(Map<String, Literal> values, String wanted, int depth) {
    return values.values().stream().anyMatch(each -> has(each, wanted, depth + 1));
  }

  private static boolean has(Scalar scalar, String wanted, int depth) {
    return switch (scalar.getValueCase()) {
      case PRIMITIVE -> has(scalar.getPrimitive(), wanted);
      case BLOB -> contains(scalar.getBlob().getUri(), wanted);
      case SCHEMA -> contains(scalar.getSchema().getUri(), wanted);
      case STRUCTURED_DATASET -> contains(scalar.getStructuredDataset().getUri(), wanted);
      case GENERIC -> contains(scalar.getGeneric().toString(), wanted);
      case UNION -> has(scalar.getUnion().getValue(), wanted, depth + 1);
      case BINARY, NONE_TYPE, ERROR, VALUE_NOT_SET -> false;
    };
  }

  private static boolean has(Primitive primitive, String wanted) {
    return switch (primitive.getValueCase()) {
      case STRING_VALUE -> contains(primitive.getStringValue(), wanted);
      case INTEGER -> String.valueOf(primitive.getInteger()).equals(wanted);
      case FLOAT_VALUE -> isNumber(wanted, primitive.getFloatValue());
      case BOOLEAN -> String.valueOf(primitive.getBoolean()).equals(wanted);
      case DATETIME, DURATION, VALUE_NOT_SET -> false;
    };
  }

  private static boolean isNumber(String wanted, double value) {
    try {
      return Double.parseDouble(wanted) == value;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  private static boolean contains(String text, String wanted) {
    return text.toLowerCase(Locale.ROOT).contains(wanted);
  }
}
