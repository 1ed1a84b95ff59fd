package io.turboprop.compiler;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Workflow.Node;
import java.util.Optional;

/**
 * Checks what a branch node decides upon: every case has a condition and an arm, there is a
 * default, and conditions compare variables that are bound, with values of exactly their type.
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
    if (left.isPresent() && right.isPresent() && !left.get().equals(right.get())) {
      errors.add(
          ErrorCode.MISMATCHING_TYPES,
          node.getId(),
          "a condition compares %s with %s"
              .formatted(LiteralTypes.describe(left.get()), LiteralTypes.describe(right.get())));
    }
  }

  /** The type of an operand without its annotations; empty if it has none, or none known. */
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
