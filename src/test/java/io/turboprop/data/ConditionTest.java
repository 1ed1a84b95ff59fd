package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.ComparisonExpression.Operator;
import flyteidl.core.Condition.ConjunctionExpression;
import flyteidl.core.Condition.ConjunctionExpression.LogicalOperator;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Union;
import flyteidl.core.Literals.Void;
import flyteidl.core.Types.Error;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConditionTest {
  private static final Scalar NONE =
      Scalar.newBuilder().setNoneType(Void.getDefaultInstance()).build();

  /**
   * The results of the six operators for two values.
   *
   * @param expected the results of EQ, NEQ, GT, GTE, LT, LTE; {@code 1} is true
   */
  private record Row(String name, Primitive left, Primitive right, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> comparisons() {
    return Stream.of(
        new Row("a smaller integer", integer(1), integer(2), "010011"),
        new Row("an equal integer", integer(2), integer(2), "100101"),
        new Row("a greater integer", integer(3), integer(2), "011100"),
        new Row("a smaller float", number(1.5), number(1.6), "010011"),
        new Row("an equal float", number(0.0), number(-0.0), "100101"),
        new Row("no number is smaller than one", number(Double.NaN), number(1), "010011"),
        new Row("and one smaller than none", number(1), number(Double.NaN), "010011"),
        new Row("no number is not itself", number(Double.NaN), number(Double.NaN), "010011"),
        new Row("a smaller text", text("a"), text("b"), "010011"),
        new Row("an equal text", text("ä"), text("ä"), "100101"),
        new Row("texts compare by their bytes in UTF-8", text("\uFF5E"), text("😀"), "010011"),
        new Row("a shorter text", text("a"), text("aa"), "010011"),
        new Row("a later moment", moment(2, 0), moment(1, 999), "011100"),
        new Row("moments of one second are equal", moment(1, 5), moment(1, 999), "100101"),
        new Row("a shorter duration", duration(1, 999), duration(2, 0), "010011"),
        new Row("durations of one second are equal", duration(1, 5), duration(1, 9), "100101"));
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void everyOperatorCompares(Row row) throws ConditionException {
    var said = new StringBuilder();
    for (var operator :
        new Operator[] {
          Operator.EQ, Operator.NEQ, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE
        }) {
      said.append(holds(comparison(operator, row.left(), row.right())) ? '1' : '0');
    }
    assertThat(said.toString()).isEqualTo(row.expected());
  }

  @Test
  void truthsAreEqualOrNotButHaveNoOrder() throws ConditionException {
    assertThat(holds(comparison(Operator.EQ, truth(true), truth(true)))).isTrue();
    assertThat(holds(comparison(Operator.NEQ, truth(true), truth(false)))).isTrue();
    for (var operator : new Operator[] {Operator.GT, Operator.LT, Operator.LTE}) {
      assertThatThrownBy(() -> holds(comparison(operator, truth(true), truth(false))))
          .isInstanceOf(ConditionException.class)
          .hasMessageContaining("order");
    }
  }

  @Test
  void integersAreNotFloats() {
    assertThatThrownBy(() -> holds(comparison(Operator.EQ, integer(1), number(1))))
        .isInstanceOf(ConditionException.class)
        .hasMessage("a value of kind INTEGER can't be compared with one of kind FLOAT_VALUE");
  }

  @Test
  void noneEqualsOnlyNoneAndHasNoOrder() throws ConditionException {
    var inputs =
        Literals.of(
            Map.of(
                "none", literal(union(NONE)),
                "three", literal(union(Scalar.newBuilder().setPrimitive(integer(3)).build()))));
    assertThat(new Condition(compare("none", Operator.EQ, NONE)).holds(inputs)).isTrue();
    assertThat(new Condition(compare("none", Operator.NEQ, NONE)).holds(inputs)).isFalse();
    assertThat(new Condition(compare("three", Operator.EQ, NONE)).holds(inputs)).isFalse();
    assertThat(new Condition(compare("three", Operator.NEQ, NONE)).holds(inputs)).isTrue();
    var order = new Condition(compare("none", Operator.LT, scalar(integer(3))));
    assertThatThrownBy(() -> order.holds(inputs))
        .isInstanceOf(ConditionException.class)
        .hasMessageContaining("order");
  }

  @Test
  void theValueInsideAUnionIsCompared() throws ConditionException {
    var inputs = Literals.of(Map.of("x", literal(union(union(scalar(integer(3)))))));
    assertThat(new Condition(compare("x", Operator.EQ, scalar(integer(3)))).holds(inputs)).isTrue();
    assertThat(new Condition(compare("x", Operator.GT, scalar(integer(2)))).holds(inputs)).isTrue();
    assertThat(new Condition(compare("x", Operator.EQ, scalar(text("3")))).holds(inputs)).isFalse();
    assertThat(new Condition(compare("x", Operator.NEQ, scalar(text("3")))).holds(inputs)).isTrue();
  }

  @Test
  void conjunctionsJoin() throws ConditionException {
    var yes = comparison(Operator.EQ, integer(1), integer(1));
    var no = comparison(Operator.EQ, integer(1), integer(2));
    assertThat(holds(join(LogicalOperator.AND, yes, yes))).isTrue();
    assertThat(holds(join(LogicalOperator.AND, yes, no))).isFalse();
    assertThat(holds(join(LogicalOperator.OR, no, yes))).isTrue();
    assertThat(holds(join(LogicalOperator.OR, no, no))).isFalse();
  }

  @Test
  void anErrorOnTheRightSurfacesForAnyLeftOperand() {
    var yes = comparison(Operator.EQ, integer(1), integer(1));
    var broken = comparison(Operator.EQ, integer(1), number(1));
    assertThatThrownBy(() -> holds(join(LogicalOperator.OR, yes, broken)))
        .isInstanceOf(ConditionException.class);
  }

  @Test
  void inputsAreReadByName() throws ConditionException {
    var inputs =
        Literals.of(
            Map.of(
                "x",
                literal(Scalar.newBuilder().setPrimitive(integer(3)).build()),
                "error",
                literal(Scalar.newBuilder().setError(Error.getDefaultInstance()).build()),
                "list",
                Literal.newBuilder()
                    .setCollection(LiteralCollection.getDefaultInstance())
                    .build()));
    assertThat(new Condition(isThree(Operand.newBuilder().setVar("x").build())).holds(inputs))
        .isTrue();
    refuses(inputs, "missing", "the branch has no input 'missing'");
    refuses(inputs, "error", "input 'error' is no primitive value and can't be compared");
    refuses(inputs, "list", "input 'list' is no primitive value and can't be compared");
  }

  @Test
  void literalsMayStandInACondition() throws ConditionException {
    var three = Operand.newBuilder().setScalar(scalar(integer(3))).build();
    assertThat(holds(isThree(three))).isTrue();
    assertThat(holds(isThree(Operand.newBuilder().setScalar(NONE).build()))).isFalse();
  }

  @Test
  void aMissingPartOfAConditionIsAnError() {
    assertThatThrownBy(() -> holds(BooleanExpression.getDefaultInstance()))
        .isInstanceOf(ConditionException.class);
    assertThatThrownBy(() -> holds(isThree(Operand.getDefaultInstance())))
        .isInstanceOf(ConditionException.class);
    var empty = Primitive.getDefaultInstance();
    assertThatThrownBy(() -> holds(comparison(Operator.EQ, empty, empty)))
        .isInstanceOf(ConditionException.class);
    var unknown =
        ComparisonExpression.newBuilder()
            .setOperatorValue(77)
            .setLeftValue(Operand.newBuilder().setPrimitive(integer(1)))
            .setRightValue(Operand.newBuilder().setPrimitive(integer(1)));
    assertThatThrownBy(() -> holds(BooleanExpression.newBuilder().setComparison(unknown).build()))
        .isInstanceOf(ConditionException.class);
  }

  private static void refuses(Literals inputs, String variable, String message) {
    var condition = new Condition(isThree(Operand.newBuilder().setVar(variable).build()));
    assertThatThrownBy(() -> condition.holds(inputs))
        .isInstanceOf(ConditionException.class)
        .hasMessage(message);
  }

  private static boolean holds(BooleanExpression expression) throws ConditionException {
    return new Condition(expression).holds(Literals.EMPTY);
  }

  private static BooleanExpression isThree(Operand left) {
    return BooleanExpression.newBuilder()
        .setComparison(
            ComparisonExpression.newBuilder()
                .setLeftValue(left)
                .setRightValue(Operand.newBuilder().setPrimitive(integer(3))))
        .build();
  }

  private static BooleanExpression comparison(Operator operator, Primitive left, Primitive right) {
    return BooleanExpression.newBuilder()
        .setComparison(
            ComparisonExpression.newBuilder()
                .setOperator(operator)
                .setLeftValue(Operand.newBuilder().setPrimitive(left))
                .setRightValue(Operand.newBuilder().setPrimitive(right)))
        .build();
  }

  private static BooleanExpression join(
      LogicalOperator operator, BooleanExpression left, BooleanExpression right) {
    return BooleanExpression.newBuilder()
        .setConjunction(
            ConjunctionExpression.newBuilder()
                .setOperator(operator)
                .setLeftExpression(left)
                .setRightExpression(right))
        .build();
  }

  private static Literal literal(Scalar scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }

  private static Scalar scalar(Primitive primitive) {
    return Scalar.newBuilder().setPrimitive(primitive).build();
  }

  private static Scalar union(Scalar value) {
    return Scalar.newBuilder().setUnion(Union.newBuilder().setValue(literal(value))).build();
  }

  private static BooleanExpression compare(String variable, Operator operator, Scalar constant) {
    return BooleanExpression.newBuilder()
        .setComparison(
            ComparisonExpression.newBuilder()
                .setOperator(operator)
                .setLeftValue(Operand.newBuilder().setVar(variable))
                .setRightValue(Operand.newBuilder().setScalar(constant)))
        .build();
  }

  private static Primitive integer(long value) {
    return Primitive.newBuilder().setInteger(value).build();
  }

  private static Primitive number(double value) {
    return Primitive.newBuilder().setFloatValue(value).build();
  }

  private static Primitive text(String value) {
    return Primitive.newBuilder().setStringValue(value).build();
  }

  private static Primitive truth(boolean value) {
    return Primitive.newBuilder().setBoolean(value).build();
  }

  private static Primitive moment(long seconds, int nanos) {
    return Primitive.newBuilder()
        .setDatetime(Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos))
        .build();
  }

  private static Primitive duration(long seconds, int nanos) {
    return Primitive.newBuilder()
        .setDuration(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
        .build();
  }
}
