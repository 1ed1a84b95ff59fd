package io.turboprop.compiler;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Workflow.Node;
import java.util.List;
import java.util.Optional;

/**
 * Checks the conditions of a branch node: every case has a condition and an arm, there is a
 * default, and conditions compare bound variables with values of the variables' types.
 *
 * <p>Unlike in Flyte, a variable of a union type may be compared with a value of any of its
 * variants. A variable of an enum type may be compared with a string; a constant string must be a
 * value of the enum.
 */
final class ConditionValidator {
  private final NodeInterfaces interfaces;
  private final CompilerErrors errors;

  ConditionValidator(NodeInterfaces interfaces, CompilerErrors errors) {
    this.interfaces = interfaces;
    this.errors = errors;
  }

  void validate(Node node) {
    var ifElse = node.getBranchNode().getIfElse();
    if (!ifElse.hasCase()) {
      errors.add(ErrorCode.BRANCH_NODE_HAS_NO_CONDITION, node.getId(), "the branch has no case");
    }
    if (!ifElse.hasElseNode() && !ifElse.hasError()) {
      errors.add(
          ErrorCode.BRANCH_NODE_HAS_NO_DEFAULT,
          node.getId(),
          "the branch says neither what to run nor how to fail when no case holds");
    }
    var variables = interfaces.inputs(node);
    for (var block : Nodes.blocks(node.getBranchNode())) {
      if (!block.hasThenNode()) {
        errors.add(ErrorCode.BRANCH_NODE_ID_NOT_FOUND, node.getId(), "a case has no node to run");
      }
      if (block.hasCondition()) {
        expression(node, block.getCondition(), variables);
      } else {
        errors.add(ErrorCode.BRANCH_NODE_HAS_NO_CONDITION, node.getId(), "a case has no condition");
      }
    }
  }

  private void expression(
      Node node, BooleanExpression expression, Optional<VariableMap> variables) {
    switch (expression.getExprCase()) {
      case CONJUNCTION -> {
        expression(node, expression.getConjunction().getLeftExpression(), variables);
        expression(node, expression.getConjunction().getRightExpression(), variables);
      }
      case COMPARISON -> comparison(node, expression.getComparison(), variables);
      case EXPR_NOT_SET ->
          errors.add(ErrorCode.BRANCH_NODE_HAS_NO_CONDITION, node.getId(), "a condition is empty");
    }
  }

  private void comparison(
      Node node, ComparisonExpression comparison, Optional<VariableMap> variables) {
    var left = operand(node, comparison.getLeftValue(), variables);
    var right = operand(node, comparison.getRightValue(), variables);
    if (left.isEmpty() || right.isEmpty()) {
      return;
    }
    var pairs = comparable(left.get(), right.get());
    if (pairs.isEmpty()) {
      errors.add(
          ErrorCode.MISMATCHING_TYPES,
          node.getId(),
          "a condition compares %s with %s"
              .formatted(LiteralTypes.describe(left.get()), LiteralTypes.describe(right.get())));
    } else if (pairs.stream().allMatch(TypeCasting::isNone) && hasOrder(comparison)) {
      errors.add(
          ErrorCode.MISMATCHING_TYPES,
          node.getId(),
          "a condition asks for the order of none (%s); it can only be equal or not"
              .formatted(comparison.getOperator()));
    }
    enumValue(node, left.get(), comparison.getRightValue());
    enumValue(node, right.get(), comparison.getLeftValue());
  }

  private static boolean hasOrder(ComparisonExpression comparison) {
    return switch (comparison.getOperator()) {
      case GT, GTE, LT, LTE -> true;
      case EQ, NEQ, UNRECOGNIZED -> false;
    };
  }

  /** The variants of the left type that a value of the right type may equal. */
  private static List<LiteralType> comparable(LiteralType left, LiteralType right) {
    return variants(left).stream()
        .filter(variant -> variants(right).stream().anyMatch(other -> alike(variant, other)))
        .toList();
  }

  private static boolean alike(LiteralType left, LiteralType right) {
    return left.equals(right)
        || (left.hasEnumType() && TypeCasting.isSimple(right, SimpleType.STRING))
        || (right.hasEnumType() && TypeCasting.isSimple(left, SimpleType.STRING));
  }

  /**
   * The types that a value may have, without annotations; for a union, the types of its variants.
   */
  private static List<LiteralType> variants(LiteralType type) {
    return type.hasUnionType()
        ? type.getUnionType().getVariantsList().stream()
            .flatMap(variant -> variants(variant).stream())
            .toList()
        : List.of(TypeCasting.bare(type));
  }

  /**
   * A case never holds if it compares the variable with a constant that is not a value of its enum.
   */
  private void enumValue(Node node, LiteralType type, Operand constant) {
    var given = text(constant);
    if (given.isEmpty()
        || variants(type).stream()
            .anyMatch(each -> TypeCasting.isSimple(each, SimpleType.STRING))) {
      return;
    }
    var values =
        variants(type).stream()
            .flatMap(variant -> variant.getEnumType().getValuesList().stream())
            .toList();
    if (!values.isEmpty() && !values.contains(given.get())) {
      errors.add(
          ErrorCode.ILLEGAL_ENUM_VALUE,
          node.getId(),
          "a condition compares an enum with '%s', which is none of its values %s"
              .formatted(given.get(), values));
    }
  }

  private static Optional<String> text(Operand operand) {
    var primitive =
        operand.hasScalar() ? operand.getScalar().getPrimitive() : operand.getPrimitive();
    return primitive.hasStringValue() ? Optional.of(primitive.getStringValue()) : Optional.empty();
  }

  /**
   * The type of an operand without its annotations; empty if the operand has no type, or it is
   * unknown.
   */
  private Optional<LiteralType> operand(
      Node node, Operand operand, Optional<VariableMap> variables) {
    return switch (operand.getValCase()) {
      case PRIMITIVE -> constant(node, LiteralTypes.infer(operand.getPrimitive()));
      case SCALAR -> constant(node, LiteralTypes.infer(operand.getScalar()));
      case VAR -> variables.flatMap(bound -> variable(node, operand.getVar(), bound));
      case VAL_NOT_SET -> constant(node, Optional.empty());
    };
  }

  private Optional<LiteralType> constant(Node node, Optional<LiteralType> type) {
    if (type.isEmpty()) {
      errors.add(ErrorCode.VALUE_REQUIRED, node.getId(), "a condition lacks an operand");
    }
    return type;
  }

  private Optional<LiteralType> variable(Node node, String name, VariableMap bound) {
    var variable = Optional.ofNullable(bound.getVariablesMap().get(name));
    if (variable.isEmpty()) {
      errors.add(
          ErrorCode.VARIABLE_NAME_NOT_FOUND,
          node.getId(),
          "a condition uses [" + name + "], which is not bound");
    }
    return variable.map(found -> TypeCasting.bare(found.getType()));
  }
}
