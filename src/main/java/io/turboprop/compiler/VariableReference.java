package io.turboprop.compiler;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A promise's variable, {@code name} or {@code [3].name}: with an index it means one element of a
 * collection.
 *
 * <p>As in Flyte the pattern is searched for, not matched from end to end: {@code .name} means
 * {@code name}.
 */
record VariableReference(OptionalInt index, String name) {
  private static final Pattern PATTERN =
      Pattern.compile("(?:\\[(?<index>\\d{1,9})\\]\\.)?(?<name>\\w+)");

  /** Parses it; empty unless the pattern is found exactly once. */
  static Optional<VariableReference> parse(String text) {
    var matches = PATTERN.matcher(text).results().toList();
    if (matches.size() != 1) {
      return Optional.empty();
    }
    var match = matches.getFirst();
    var index = match.group("index");
    return Optional.of(
        new VariableReference(
            index == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(index)),
            match.group("name")));
  }
}
