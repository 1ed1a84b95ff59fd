package io.turboprop.admin.executions;

import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.ParameterMap;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.GivenValue;
import io.turboprop.compiler.LiteralTypes;
import io.turboprop.compiler.TypeCasting;
import java.util.Map;
import java.util.TreeMap;

/**
 * Completes the inputs of an execution from the user's inputs and the launch plan's defaults and
 * fixed inputs.
 */
final class InputRules {
  private InputRules() {}

  /**
   * @param expected the inputs that the launch plan does not fix
   * @param fixed the inputs that the launch plan fixes
   * @throws AdminException {@code INVALID_ARGUMENT} naming the input
   */
  static LiteralMap merge(LiteralMap given, ParameterMap expected, LiteralMap fixed) {
    given.getLiteralsMap().forEach((name, literal) -> checkKnown(name, literal, expected, fixed));
    var merged = new TreeMap<String, Literal>(given.getLiteralsMap());
    for (var entry : new TreeMap<>(expected.getParametersMap()).entrySet()) {
      if (merged.containsKey(entry.getKey())) {
        checkType(entry, merged.get(entry.getKey()));
      } else {
        merged.put(entry.getKey(), defaultOf(entry));
      }
    }
    merged.putAll(fixed.getLiteralsMap());
    return LiteralMap.newBuilder().putAllLiterals(merged).build();
  }

  private static void checkKnown(
      String name, Literal literal, ParameterMap expected, LiteralMap fixed) {
    if (literal.getValueCase() == Literal.ValueCase.VALUE_NOT_SET) {
      throw AdminException.invalidArgument("missing valid literal in inputs " + name);
    }
    if (fixed.containsLiterals(name)) {
      throw AdminException.invalidArgument("fixed_inputs " + name + " cannot be overridden");
    }
    if (!expected.containsParameters(name)) {
      throw AdminException.invalidArgument(
          "invalid input %s: there are %s"
              .formatted(name, new TreeMap<>(expected.getParametersMap()).keySet()));
    }
  }

  private static Literal defaultOf(Map.Entry<String, Parameter> entry) {
    var parameter = entry.getValue();
    if (parameter.getBehaviorCase() != Parameter.BehaviorCase.DEFAULT) {
      throw AdminException.invalidArgument("expected_inputs " + entry.getKey() + " missing");
    }
    return parameter.getDefault();
  }

  private static void checkType(Map.Entry<String, Parameter> entry, Literal literal) {
    var expected = entry.getValue().getVar().getType();
    var given = LiteralTypes.infer(literal);
    if (given.isEmpty()) {
      throw AdminException.invalidArgument(
          "Failed to validate literal type for %s: the type of the value is unknown"
              .formatted(entry.getKey()));
    }
    if (!TypeCasting.castable(given.orElseThrow(), expected)) {
      throw AdminException.invalidArgument(
          "invalid %s input wrong type. Expected %s, but got %s"
              .formatted(
                  entry.getKey(),
                  LiteralTypes.describe(expected),
                  GivenValue.describe(given.orElseThrow(), literal)));
    }
  }
}
