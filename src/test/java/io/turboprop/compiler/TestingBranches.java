package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.node;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.ComparisonExpression.Operator;
import flyteidl.core.Condition.ConjunctionExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.IfElseBlock;
import flyteidl.core.Workflow.Node;
import java.util.List;
import java.util.function.Consumer;

/** Small branch nodes to compile. */
final class TestingBranches {
  private TestingBranches() {}

  /** A branch with the first case as {@code if}, and the others as {@code else if}. */
  @SafeVarargs
  static Node.Builder branch(String id, Consumer<IfElseBlock.Builder>... parts) {
    var node = node(id);
    for (var part : parts) {
      part.accept(node.getBranchNodeBuilder().getIfElseBuilder());
    }
    return node;
  }

  static Node.Builder bound(Node.Builder branch, Binding... inputs) {
    return branch.addAllInputs(List.of(inputs));
  }

  static Consumer<IfElseBlock.Builder> when(BooleanExpression condition, Node.Builder then) {
    return block(IfBlock.newBuilder().setCondition(condition).setThenNode(then));
  }

  static Consumer<IfElseBlock.Builder> block(IfBlock.Builder block) {
    return ifElse -> {
      if (ifElse.hasCase()) {
        ifElse.addOther(block);
      } else {
        ifElse.setCase(block);
      }
    };
  }

  static Consumer<IfElseBlock.Builder> otherwise(Node.Builder node) {
    return ifElse -> ifElse.setElseNode(node);
  }

  static Consumer<IfElseBlock.Builder> otherwiseFail() {
    return ifElse -> ifElse.getErrorBuilder().setMessage("no case holds");
  }

  static BooleanExpression compare(Operand left, Operand right) {
    return compare(left, Operator.EQ, right);
  }

  static BooleanExpression compare(Operand left, Operator operator, Operand right) {
    return BooleanExpression.newBuilder()
        .setComparison(
            ComparisonExpression.newBuilder()
                .setLeftValue(left)
                .setOperator(operator)
                .setRightValue(right))
        .build();
  }

  static BooleanExpression compare(long left, long right) {
    return compare(value(left), value(right));
  }

  static BooleanExpression both(BooleanExpression left, BooleanExpression right) {
    return BooleanExpression.newBuilder()
        .setConjunction(
            ConjunctionExpression.newBuilder().setLeftExpression(left).setRightExpression(right))
        .build();
  }

  static Operand value(long value) {
    return Operand.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)).build();
  }

  static Operand value(String value) {
    return Operand.newBuilder().setPrimitive(Primitive.newBuilder().setStringValue(value)).build();
  }

  static Operand noValue() {
    return Operand.newBuilder().setScalar(TestingDefinitions.none()).build();
  }

  static Operand variable(String name) {
    return Operand.newBuilder().setVar(name).build();
  }
}
