package io.turboprop.console;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.ComparisonExpression.Operator;
import flyteidl.core.Condition.ConjunctionExpression;
import flyteidl.core.Condition.ConjunctionExpression.LogicalOperator;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Primitive;
import io.turboprop.data.Condition;
import org.junit.jupiter.api.Test;

final class ConditionTextTest {
  @Test
  void aComparisonNamesItsVariable() {
    assertThat(text(comparison("x", Operator.GTE, integer(5)))).isEqualTo("x >= 5");
    assertThat(text(comparison("kind", Operator.NEQ, string("a")))).isEqualTo("kind != \"a\"");
  }

  @Test
  void conjunctionsInsideOthersStandInBrackets() {
    var inner = joined(comparison("x", Operator.GT, integer(1)), LogicalOperator.OR, flag("y"));

    assertThat(text(joined(inner, LogicalOperator.AND, flag("z"))))
        .isEqualTo("(x > 1 or y == true) and z == true");
  }

  private static String text(BooleanExpression expression) {
    return ConditionText.of(new Condition(expression));
  }

  private static BooleanExpression flag(String name) {
    return comparison(name, Operator.EQ, Primitive.newBuilder().setBoolean(true).build());
  }

  private static BooleanExpression comparison(String name, Operator operator, Primitive value) {
    return BooleanExpression.newBuilder()
        .setComparison(
            ComparisonExpression.newBuilder()
                .setLeftValue(Operand.newBuilder().setVar(name))
                .setOperator(operator)
                .setRightValue(Operand.newBuilder().setPrimitive(value)))
        .build();
  }

  private static BooleanExpression joined(
      BooleanExpression left, LogicalOperator operator, BooleanExpression right) {
    return BooleanExpression.newBuilder()
        .setConjunction(
            ConjunctionExpression.newBuilder()
                .setLeftExpression(left)
                .setOperator(operator)
                .setRightExpression(right))
        .build();
  }

  private static Primitive integer(long value) {
    return Primitive.newBuilder().setInteger(value).build();
  }

  private static Primitive string(String value) {
    return Primitive.newBuilder().setStringValue(value).build();
  }
}
