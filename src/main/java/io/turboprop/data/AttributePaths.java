package io.turboprop.data;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.PromiseAttribute;
import java.io.IOException;
import java.util.List;

/**
 * Follows the attribute path of a promise into a literal: first through literal maps and
 * collections, then inside a MessagePack value or a protobuf struct. A negative index, or a key on
 * a list, is an error.
 */
final class AttributePaths {
  static final String MSGPACK = "msgpack";

  private AttributePaths() {}

  /**
   * The literal at the end of the path. If the path goes on after a plain scalar, the rest is
   * ignored, as in FlytePropeller.
   */
  static Literal resolve(Literal start, List<PromiseAttribute> path, LiteralLoader loader)
      throws BindingException, IOException {
    var current = start;
    var depth = 0;
    while (depth < path.size()) {
      if (current.hasOffloadedMetadata()) {
        current = loader.load(new DataReference(current.getOffloadedMetadata().getUri()));
      }
      if (current.hasMap()) {
        current = valueAt(current, key(path.get(depth)));
      } else if (current.hasCollection()) {
        current = element(current.getCollection().getLiteralsList(), index(path.get(depth)));
      } else {
        break;
      }
      depth++;
    }
    return path.isEmpty() || !current.hasScalar()
        ? current
        : inside(current, path.subList(depth, path.size()));
  }

  /** Formats a path as in code: {@code .key[3]}; an empty path gives an empty text. */
  static String text(List<PromiseAttribute> path) {
    var text = new StringBuilder();
    for (var attribute : path) {
      if (attribute.hasIntValue()) {
        text.append('[').append(attribute.getIntValue()).append(']');
      } else {
        text.append('.').append(attribute.getStringValue());
      }
    }
    return text.toString();
  }

  static <T> T element(List<T> list, int index) throws BindingException {
    if (index < 0 || index >= list.size()) {
      throw new BindingException("index %d is outside a list of %d".formatted(index, list.size()));
    }
    return list.get(index);
  }

  static String key(PromiseAttribute attribute) throws BindingException {
    if (!attribute.hasStringValue()) {
      throw new BindingException(text(List.of(attribute)) + " needs a list; this is a map");
    }
    return attribute.getStringValue();
  }

  static int index(PromiseAttribute attribute) throws BindingException {
    if (!attribute.hasIntValue()) {
      throw new BindingException(text(List.of(attribute)) + " needs a map; this is a list");
    }
    return attribute.getIntValue();
  }

  static BindingException noKey(String key) {
    return new BindingException("there is no key '" + key + "' in the map");
  }

  private static Literal valueAt(Literal map, String key) throws BindingException {
    var value = map.getMap().getLiteralsMap().get(key);
    if (value == null) {
      throw noKey(key);
    }
    return value;
  }

  private static Literal inside(Literal literal, List<PromiseAttribute> rest)
      throws BindingException {
    var scalar = literal.getScalar();
    return switch (scalar.getValueCase()) {
      case BINARY -> inBinary(scalar, rest);
      case GENERIC -> StructPaths.resolve(scalar.getGeneric(), rest);
      case PRIMITIVE, BLOB, SCHEMA, NONE_TYPE, ERROR, STRUCTURED_DATASET, UNION, VALUE_NOT_SET ->
          literal;
    };
  }

  private static Literal inBinary(Scalar scalar, List<PromiseAttribute> rest)
      throws BindingException {
    var binary = scalar.getBinary();
    if (!binary.getTag().equals(MSGPACK)) {
      throw new BindingException(
          "no attribute of a binary with tag '%s'".formatted(binary.getTag()));
    }
    return MessagePackPaths.resolve(binary.getValue(), rest);
  }
}
