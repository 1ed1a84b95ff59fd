package io.turboprop.compiler;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks whether a dataclass, described by its JSON schema, fits where another dataclass is
 * expected.
 *
 * <p>The given schema must have every field that the expected schema requires, with a fitting type,
 * at every depth; it may have more fields. The check reads {@code type}, {@code properties}, {@code
 * required}, {@code items}, {@code additionalProperties} (as the type of map values), {@code enum},
 * {@code anyOf}, {@code oneOf} and {@code $ref} into the same document; other keywords are ignored.
 */
final class JsonSchemas {
  private final Struct downstreamRoot;
  private final Struct upstreamRoot;

  /**
   * The pairs under comparison: where a schema contains itself, the recursion is assumed to fit.
   */
  private final Set<List<Struct>> open = new HashSet<>();

  private JsonSchemas(Struct downstreamRoot, Struct upstreamRoot) {
    this.downstreamRoot = downstreamRoot;
    this.upstreamRoot = upstreamRoot;
  }

  static boolean accepts(Struct downstream, Struct upstream) {
    return downstream.equals(upstream)
        || new JsonSchemas(downstream, upstream).fits(downstream, upstream);
  }

  private boolean fits(Struct expected, Struct given) {
    var downstream = resolve(expected, downstreamRoot);
    var upstream = resolve(given, upstreamRoot);
    var pair = List.of(downstream, upstream);
    if (!open.add(pair)) {
      return true;
    }
    var fits = variantsFit(downstream, upstream);
    open.remove(pair);
    return fits;
  }

  private boolean variantsFit(Struct downstream, Struct upstream) {
    var given = variants(upstream);
    if (!given.isEmpty()) {
      return given.stream().allMatch(variant -> fits(downstream, variant));
    }
    var expected = variants(downstream);
    if (!expected.isEmpty()) {
      return expected.stream().anyMatch(variant -> fits(variant, upstream));
    }
    return typesFit(downstream, upstream)
        && valuesFit(downstream, upstream)
        && propertiesFit(downstream, upstream)
        && nestedFits("items", downstream, upstream)
        && nestedFits("additionalProperties", downstream, upstream);
  }

  private static boolean typesFit(Struct downstream, Struct upstream) {
    var expected = strings(downstream, "type");
    var given = strings(upstream, "type");
    return expected.isEmpty()
        || given.isEmpty()
        || given.stream()
            .allMatch(type ->
                expected.contains(type) || (type.equals("integer") && expected.contains("number")));
  }

  private static boolean valuesFit(Struct downstream, Struct upstream) {
    var expected = downstream.getFieldsMap().get("enum");
    var given = upstream.getFieldsMap().get("enum");
    return expected == null
        || given == null
        || expected
            .getListValue()
            .getValuesList()
            .containsAll(given.getListValue().getValuesList());
  }

  private boolean propertiesFit(Struct downstream, Struct upstream) {
    var given = properties(upstream);
    var expected = properties(downstream);
    return given.keySet().containsAll(strings(downstream, "required"))
        && expected.entrySet().stream()
            .allMatch(property -> {
              var other = given.get(property.getKey());
              return other == null || fits(property.getValue(), other);
            });
  }

  /** Compares a keyword that holds a schema; if a side lacks the keyword, the schemas fit. */
  private boolean nestedFits(String keyword, Struct downstream, Struct upstream) {
    var expected = downstream.getFieldsMap().get(keyword);
    var given = upstream.getFieldsMap().get(keyword);
    return expected == null
        || given == null
        || !expected.hasStructValue()
        || !given.hasStructValue()
        || fits(expected.getStructValue(), given.getStructValue());
  }

  private static List<Struct> variants(Struct schema) {
    for (var keyword : List.of("anyOf", "oneOf")) {
      var variants = schema.getFieldsMap().get(keyword);
      if (variants != null) {
        return variants.getListValue().getValuesList().stream().map(Value::getStructValue).toList();
      }
    }
    return List.of();
  }

  private static Map<String, Struct> properties(Struct schema) {
    var properties = schema.getFieldsOrDefault("properties", Value.getDefaultInstance());
    return properties.getStructValue().getFieldsMap().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().getStructValue()));
  }

  /** The values of a keyword that is a string or a list of strings. */
  private static Set<String> strings(Struct schema, String keyword) {
    var value = schema.getFieldsOrDefault(keyword, Value.getDefaultInstance());
    return value.hasStringValue()
        ? Set.of(value.getStringValue())
        : value.getListValue().getValuesList().stream()
            .map(Value::getStringValue)
            .collect(Collectors.toSet());
  }

  /**
   * Follows {@code #/a/b} from the root; an unknown reference, or a reference to itself, stays
   * unchanged.
   */
  private static Struct resolve(Struct schema, Struct root) {
    var seen = new HashSet<String>();
    var current = schema;
    var reference = reference(current);
    while (reference.startsWith("#/") && seen.add(reference)) {
      current = follow(reference.substring(2), root, current);
      reference = reference(current);
    }
    return current;
  }

  private static String reference(Struct schema) {
    return schema.getFieldsOrDefault("$ref", Value.getDefaultInstance()).getStringValue();
  }

  private static Struct follow(String path, Struct root, Struct fallback) {
    var target = root;
    for (var key : path.split("/", -1)) {
      var next = target.getFieldsMap().get(key);
      if (next == null || !next.hasStructValue()) {
        return fallback;
      }
      target = next.getStructValue();
    }
    return target;
  }
}
