package io.turboprop.compiler;

import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checks the inputs of an execution against the interface of its workflow. */
public final class InputValidator {
  private InputValidator() {}

  /**
   * Finds all that is wrong with the inputs; an empty list means that they may be used.
   *
   * <p>Every declared input must be given, optional ones too: defaults are to be filled in before.
   */
  public static List<CompilerError> validate(VariableMap declared, LiteralMap inputs) {
    var errors = new CompilerErrors();
    if (inputs.getLiteralsCount() == 0 && declared.getVariablesCount() > 0) {
      errors.add(
          ErrorCode.VALUE_REQUIRED,
          Nodes.START,
          "inputs are required: " + String.join(", ", sorted(declared.getVariablesMap()).keySet()));
      return errors.toList();
    }
    sorted(inputs.getLiteralsMap())
        .forEach((name, literal) -> {
          var variable = declared.getVariablesMap().get(name);
          if (variable == null) {
            errors.add(
                ErrorCode.VARIABLE_NAME_NOT_FOUND, Nodes.START, "there is no input [" + name + "]");
          } else {
            validate(name, variable, literal, errors);
          }
        });
    sorted(declared.getVariablesMap()).keySet().stream()
        .filter(name -> !inputs.containsLiterals(name))
        .forEach(name ->
            errors.add(
                ErrorCode.PARAMETER_NOT_BOUND, Nodes.START, "input [" + name + "] is not given"));
    return errors.toList();
  }

  private static void validate(
      String name, Variable variable, Literal literal, CompilerErrors errors) {
    var type = LiteralTypes.infer(literal);
    if (type.isEmpty()) {
      errors.add(
          ErrorCode.INVALID_LITERAL_TYPE,
          Nodes.START,
          "the type of the value given for input [" + name + "] cannot be told");
    } else if (!TypeCasting.castable(type.get(), variable.getType())) {
      errors.add(
          ErrorCode.MISMATCHING_TYPES,
          Nodes.START,
          "input [%s] expects %s, but is given %s"
              .formatted(
                  name,
                  LiteralTypes.describe(variable.getType()),
                  LiteralTypes.describe(type.get())));
    }
  }

  private static <T> Map<String, T> sorted(Map<String, T> map) {
    return new TreeMap<>(map);
  }
}
