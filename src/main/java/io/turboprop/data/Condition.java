package io.turboprop.data;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.ComparisonExpression.Operator;
import flyteidl.core.Condition.ConjunctionExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A branch node's condition on its inputs ({@code flyteidl.core.BooleanExpression}). Both sides of
 * a comparison are primitives of the same kind. Both sides of a conjunction are always evaluated.
 * Datetimes and durations are compared by whole seconds; strings and enum values are compared by
 * their bytes.
 *
 * <p>Unlike in Flyte, the value inside a union can be compared, including the none value. Values of
 * different kinds, or none and another value, are not equal and have no order.
 */
public record Condition(BooleanExpression expression) {

  /**
   * Whether the inputs satisfy the condition.
   *
   * @throws ConditionException naming the variable or operator when it can't be evaluated
   */
  public boolean holds(Literals inputs) throws ConditionException {
    return holds(expression, inputs);
  }

  private static boolean holds(BooleanExpression expression, Literals inputs)
      throws ConditionException {
    return switch (expression.getExprCase()) {
      case COMPARISON -> compare(expression.getComparison(), inputs);
      case CONJUNCTION -> join(expression.getConjunction(), inputs);
      case EXPR_NOT_SET -> throw new ConditionException("the condition is empty");
    };
  }

  private static boolean join(ConjunctionExpression conjunction, Literals inputs)
      throws ConditionException {
    var left = holds(conjunction.getLeftExpression(), inputs);
    var right = holds(conjunction.getRightExpression(), inputs);
    return conjunction.getOperator() == ConjunctionExpression.LogicalOperator.OR
        ? left || right
        : left && right;
  }

  private static boolean compare(ComparisonExpression comparison, Literals inputs)
      throws ConditionException {
    var left = value(comparison.getLeftValue(), inputs);
    var right = value(comparison.getRightValue(), inputs);
    if (left.isNone() || right.isNone()) {
      return compareUnlike(comparison.getOperator(), left.isNone() && right.isNone());
    }
    var leftCase = left.primitive().getValueCase();
    var rightCase = right.primitive().getValueCase();
    if (leftCase == rightCase) {
      return compare(comparison.getOperator(), left.primitive(), right.primitive());
    }
    if (left.ofUnion() || right.ofUnion()) {
      return compareUnlike(comparison.getOperator(), false);
    }
    throw new ConditionException(
        "a value of kind %s can't be compared with one of kind %s".formatted(leftCase, rightCase));
  }

  /** Compares values of different kinds, or none with another value. */
  private static boolean compareUnlike(Operator operator, boolean equal) throws ConditionException {
    return switch (operator) {
      case EQ -> equal;
      case NEQ -> !equal;
      case GT, GTE, LT, LTE ->
          throw new ConditionException("none, and values of different kinds, have no order");
      case UNRECOGNIZED -> throw unknownOperator();
    };
  }

  private static ConditionException unknownOperator() {
    return new ConditionException("an unknown comparison operator");
  }

  private static boolean compare(Operator operator, Primitive left, Primitive right)
      throws ConditionException {
    return switch (operator) {
      case EQ -> equal(left, right);
      case NEQ -> !equal(left, right);
      case GT -> greater(left, right);
      case GTE -> equal(left, right) || greater(left, right);
      case LT -> !(greater(left, right) || equal(left, right));
      case LTE -> !greater(left, right);
      case UNRECOGNIZED -> throw unknownOperator();
    };
  }

  private static boolean equal(Primitive left, Primitive right) throws ConditionException {
    return switch (left.getValueCase()) {
      case INTEGER -> left.getInteger() == right.getInteger();
      case FLOAT_VALUE -> isEqual(left.getFloatValue(), right.getFloatValue());
      case STRING_VALUE -> left.getStringValue().equals(right.getStringValue());
      case BOOLEAN -> left.getBoolean() == right.getBoolean();
      case DATETIME -> seconds(left.getDatetime()) == seconds(right.getDatetime());
      case DURATION -> seconds(left.getDuration()) == seconds(right.getDuration());
      case VALUE_NOT_SET -> throw new ConditionException("a value without content");
    };
  }

  /** Compares by IEEE 754: NaN equals no value. */
  private static boolean isEqual(double left, double right) {
    return left >= right && left <= right;
  }

  private static boolean greater(Primitive left, Primitive right) throws ConditionException {
    return switch (left.getValueCase()) {
      case INTEGER -> left.getInteger() > right.getInteger();
      case FLOAT_VALUE -> left.getFloatValue() > right.getFloatValue();
      case STRING_VALUE ->
          Arrays.compareUnsigned(bytes(left.getStringValue()), bytes(right.getStringValue())) > 0;
      case DATETIME -> seconds(left.getDatetime()) > seconds(right.getDatetime());
      case DURATION -> seconds(left.getDuration()) > seconds(right.getDuration());
      case BOOLEAN -> throw new ConditionException("boolean values have no order");
      case VALUE_NOT_SET -> throw new ConditionException("a value without content");
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static long seconds(Timestamp moment) {
    return moment.getSeconds();
  }

  private static long seconds(Duration duration) {
    return duration.getSeconds();
  }

  /**
   * An operand of a comparison.
   *
   * @param scalar a primitive or none
   * @param ofUnion whether the scalar was inside a union, so that its kind is not known in advance
   */
  private record Value(Scalar scalar, boolean ofUnion) {
    boolean isNone() {
      return scalar.hasNoneType();
    }

    Primitive primitive() {
      return scalar.getPrimitive();
    }
  }

  private static Value value(Operand operand, Literals inputs) throws ConditionException {
    return switch (operand.getValCase()) {
      case PRIMITIVE ->
          new Value(Scalar.newBuilder().setPrimitive(operand.getPrimitive()).build(), false);
      case SCALAR -> value("a constant", operand.getScalar(), false);
      case VAR -> variable(operand.getVar(), inputs);
      case VAL_NOT_SET -> throw new ConditionException("an operand of a comparison is missing");
    };
  }

  private static Value variable(String name, Literals inputs) throws ConditionException {
    var literal =
        inputs
            .get(name)
            .orElseThrow(
                () -> new ConditionException("the branch has no input '%s'".formatted(name)));
    return value("input '%s'".formatted(name), literal.getScalar(), false);
  }

  /** Unions may be nested; the innermost value is compared. */
  private static Value value(String name, Scalar scalar, boolean ofUnion)
      throws ConditionException {
    return switch (scalar.getValueCase()) {
      case PRIMITIVE, NONE_TYPE -> new Value(scalar, ofUnion);
      case UNION -> value(name, scalar.getUnion().getValue().getScalar(), true);
      case BLOB, BINARY, SCHEMA, ERROR, GENERIC, STRUCTURED_DATASET, VALUE_NOT_SET ->
          throw new ConditionException(
              "%s is no primitive value and can't be compared".formatted(name));
    };
  }
}
