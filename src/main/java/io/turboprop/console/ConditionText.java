package io.turboprop.console;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.ConjunctionExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import io.turboprop.data.Condition;

/** A branch's condition as its author wrote it: {@code x > 5 and kind == "a"}. */
final class ConditionText {
  private ConditionText() {}

  static String of(Condition condition) {
    return of(condition.expression());
  }

  private static String of(BooleanExpression expression) {
    return switch (expression.getExprCase()) {
      case COMPARISON -> of(expression.getComparison());
      case CONJUNCTION -> of(expression.getConjunction());
      case EXPR_NOT_SET -> "";
    };
  }

  private static String of(ConjunctionExpression conjunction) {
    var word =
        conjunction.getOperator() == ConjunctionExpression.LogicalOperator.OR ? " or " : " and ";
    return inner(conjunction.getLeftExpression()) + word + inner(conjunction.getRightExpression());
  }

  private static String inner(BooleanExpression expression) {
    return expression.hasConjunction() ? "(" + of(expression) + ")" : of(expression);
  }

  private static String of(ComparisonExpression comparison) {
    var operator =
        switch (comparison.getOperator()) {
          case EQ -> "==";
          case NEQ -> "!=";
          case GT -> ">";
          case GTE -> ">=";
          case LT -> "<";
          case LTE -> "<=";
          case UNRECOGNIZED -> "?";
        };
    return of(comparison.getLeftValue()) + " " + operator + " " + of(comparison.getRightValue());
  }

  private static String of(Operand operand) {
    return switch (operand.getValCase()) {
      case PRIMITIVE -> of(operand.getPrimitive());
      case VAR -> operand.getVar();
      case SCALAR -> of(operand.getScalar());
      case VAL_NOT_SET -> "?";
    };
  }

  private static String of(Scalar scalar) {
    return scalar.hasPrimitive() ? of(scalar.getPrimitive()) : "none";
  }

  private static String of(Primitive primitive) {
    return switch (primitive.getValueCase()) {
      case INTEGER -> Long.toString(primitive.getInteger());
      case FLOAT_VALUE -> Double.toString(primitive.getFloatValue());
      case STRING_VALUE -> '"' + primitive.getStringValue() + '"';
      case BOOLEAN -> Boolean.toString(primitive.getBoolean());
      case DATETIME -> primitive.getDatetime().getSeconds() + " s after 1970";
      case DURATION -> primitive.getDuration().getSeconds() + " s";
      case VALUE_NOT_SET -> "?";
    };
  }
}
