package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.NONE;
import static io.turboprop.compiler.TestingDefinitions.STRING;
import static io.turboprop.compiler.TestingDefinitions.integer;
import static io.turboprop.compiler.TestingDefinitions.literal;
import static io.turboprop.compiler.TestingDefinitions.string;
import static io.turboprop.compiler.TestingDefinitions.union;
import static io.turboprop.compiler.TestingDefinitions.variables;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputValidatorTest {
  private static final VariableMap DECLARED =
      variables(Map.of("a", INTEGER, "b", union(STRING, NONE)));

  @Test
  void fittingInputsAreAccepted() {
    assertThat(validate(Map.of("a", literal(integer(1)), "b", literal(string("x"))))).isEmpty();
  }

  @Test
  void everythingThatDoesNotFitIsReported() {
    assertThat(validate(Map.of("a", literal(string("1")), "c", literal(integer(1)))))
        .containsExactly(
            ErrorCode.MISMATCHING_TYPES,
            ErrorCode.VARIABLE_NAME_NOT_FOUND,
            ErrorCode.PARAMETER_NOT_BOUND);
  }

  @Test
  void aValueOfUnknownTypeIsRefused() {
    assertThat(validate(Map.of("a", literal(integer(1)), "b", Literal.getDefaultInstance())))
        .containsExactly(ErrorCode.INVALID_LITERAL_TYPE);
  }

  @Test
  void noInputsAtAllIsOneError() {
    assertThat(validate(Map.of())).containsExactly(ErrorCode.VALUE_REQUIRED);
  }

  @Test
  void nothingIsNeededWhereNothingIsDeclared() {
    assertThat(
            InputValidator.validate(
                VariableMap.getDefaultInstance(), LiteralMap.getDefaultInstance()))
        .isEmpty();
  }

  private static List<ErrorCode> validate(Map<String, Literal> inputs) {
    return InputValidator.validate(DECLARED, LiteralMap.newBuilder().putAllLiterals(inputs).build())
        .stream()
        .map(CompilerError::code)
        .toList();
  }
}
