package io.turboprop.store;

import io.turboprop.store.ListQuery.Filter;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Filters on an enum that FlyteAdmin stores by name: they compare names, as text. */
final class NamedFilters {
  private NamedFilters() {}

  /**
   * The numbers that a filter lets through, in ascending order.
   *
   * @throws ListQuery.InvalidQueryException when a filter for equality gives a value that is
   *     neither a name nor a number
   */
  static List<Long> chosen(String field, Map<String, Long> numbers, Filter filter) {
    var matches = names(field, numbers, filter);
    return numbers.entrySet().stream()
        .filter(entry -> matches.test(entry.getKey()))
        .map(Map.Entry::getValue)
        .sorted()
        .toList();
  }

  private static Predicate<String> names(String field, Map<String, Long> numbers, Filter filter) {
    return switch (filter.operator()) {
      case CONTAINS -> name -> name.contains(filter.value());
      case NOT_LIKE -> like(filter.value()).negate();
      case GREATER -> name -> name.compareTo(filter.value()) > 0;
      case GREATER_OR_EQUAL -> name -> name.compareTo(filter.value()) >= 0;
      case LESS -> name -> name.compareTo(filter.value()) < 0;
      case LESS_OR_EQUAL -> name -> name.compareTo(filter.value()) <= 0;
      case EQUAL, IN -> given(field, numbers, filter)::contains;
      case NOT_EQUAL, NOT_IN -> name -> !given(field, numbers, filter).contains(name);
    };
  }

  private static List<String> given(String field, Map<String, Long> numbers, Filter filter) {
    return filter.values().stream().map(value -> name(field, numbers, value)).toList();
  }

  private static String name(String field, Map<String, Long> numbers, String value) {
    return numbers.containsKey(value)
        ? value
        : numbers.entrySet().stream()
            .filter(entry -> entry.getValue().toString().equals(value))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(() ->
                ListColumns.invalid(
                    field, value, "one of " + numbers.keySet().stream().sorted().toList()));
  }

  /** A pattern of SQL: {@code %} is any text, {@code _} any character, a backslash escapes. */
  private static Predicate<String> like(String pattern) {
    var regex = new StringBuilder();
    var escaped = false;
    for (var c : pattern.toCharArray()) {
      if (!escaped && c == '\\') {
        escaped = true;
        continue;
      }
      regex.append(escaped ? Pattern.quote(String.valueOf(c)) : regex(c));
      escaped = false;
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).asMatchPredicate();
  }

  private static String regex(char c) {
    return switch (c) {
      case '%' -> ".*";
      case '_' -> ".";
      default -> Pattern.quote(String.valueOf(c));
    };
  }
}
