package io.turboprop.data;

import flyteidl.core.Literals.Literal;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The output that a promise names: {@code name}, or {@code [3].name} for an element of a list, the
 * form for older array tasks.
 */
record PromisedVariable(String name, OptionalInt index) {
  private static final Pattern NAME = Pattern.compile("\\w+");
  private static final Pattern SEARCHED = Pattern.compile("(?:\\[(\\d{1,9})]\\.)?(\\w+)");

  /**
   * Parses the text of a promise. Like FlytePropeller it searches the text for the name, so that
   * {@code .x} means {@code x}.
   *
   * @throws BindingException when the text holds no name, or more than one
   */
  static PromisedVariable parse(String text) throws BindingException {
    if (NAME.matcher(text).matches()) {
      return new PromisedVariable(text, OptionalInt.empty());
    }
    var found = SEARCHED.matcher(text);
    if (!found.find()) {
      throw new BindingException("'" + text + "' names no output");
    }
    var index = Optional.ofNullable(found.group(1)).map(Integer::parseInt);
    var variable =
        new PromisedVariable(
            found.group(2), index.map(OptionalInt::of).orElseGet(OptionalInt::empty));
    if (found.find()) {
      throw new BindingException("'" + text + "' names more than one output");
    }
    return variable;
  }

  /** The text of a promise with the node's output aliases replaced by their variables. */
  String withoutAlias(Map<String, String> variablesByAlias) {
    var variable = variablesByAlias.getOrDefault(name, name);
    return index.isPresent() ? "[" + index.getAsInt() + "]." + variable : variable;
  }

  /** The value in a node's outputs. */
  Literal in(Literals outputs, String text) throws BindingException {
    var output =
        outputs
            .get(name)
            .orElseThrow(() ->
                new BindingException(
                    "the node has no output '%s', only %s"
                        .formatted(name, outputs.map().getLiteralsMap().keySet())));
    if (index.isEmpty()) {
      return output;
    }
    if (!output.hasCollection()) {
      throw new BindingException("'" + text + "' has an index, and the output is no list");
    }
    return AttributePaths.element(output.getCollection().getLiteralsList(), index.getAsInt());
  }
}
