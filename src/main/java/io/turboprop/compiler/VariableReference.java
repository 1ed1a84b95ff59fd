package io.turboprop.compiler;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A promise's variable, {@code name} or {@code [3].name}: with an index it means an element of a
 * collection.
 *
 * <p>As in Flyte, the text is searched for the pattern and need not match as a whole: {@code .name}
 * means {@code name}.
 */
record VariableReference(OptionalInt index, String name) {
  private static final Pattern PATTERN =
      Pattern.compile("(?:\\[(?<index>\\d{1,9})\\]\\.)?(?<name>\\w+)");

  /** Parses the text; empty unless the pattern occurs exactly once. */
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
