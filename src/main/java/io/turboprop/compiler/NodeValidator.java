package io.turboprop.compiler;

import com.google.protobuf.util.Durations;
import flyteidl.core.Types.LiteralType.TypeCase;
import flyteidl.core.Workflow.GateNode;
import flyteidl.core.Workflow.Node;
import java.util.HashSet;
import java.util.Set;

/**
 * Checks a node and, for a branch, its arms: the node's fields, target and bindings.
 *
 * <p>An unknown upstream id is an error here. (Flyte accepts it, and reports an unreachable node,
 * or fails at run time.)
 */
final class NodeValidator {
  private final WorkflowScope scope;
  private final NodeInterfaces interfaces;
  private final BindingValidator bindings;
  private final ConditionValidator conditions;
  private final CompilerErrors errors;

  /** The start node is not validated, but its id is reserved. */
  private final Set<String> seen = new HashSet<>(Set.of(Nodes.START));

  NodeValidator(WorkflowScope scope, CompilerErrors errors) {
    this.scope = scope;
    this.interfaces = new NodeInterfaces(scope, errors);
    this.bindings = new BindingValidator(interfaces, errors);
    this.conditions = new ConditionValidator(interfaces, errors);
    this.errors = errors;
  }

  void validate(Node node) {
    id(node);
    timeout(node);
    upstream(node);
    bindings.validate(node);
    target(node);
    aliases(node);
  }

  private void id(Node node) {
    if (node.getId().isEmpty()) {
      errors.add(ErrorCode.VALUE_REQUIRED, node.getId(), "a node has no id");
    }
    if (!isPathElement(node.getId())) {
      errors.add(
          ErrorCode.INVALID_VALUE,
          node.getId(),
          "the id of a node is part of paths: it is not . or .., and has no / and no control character");
    }
    if (!seen.add(node.getId())) {
      errors.add(ErrorCode.VALUE_COLLISION, node.getId(), "two nodes have this id");
    }
  }

  private static boolean isPathElement(String id) {
    return !id.equals(".")
        && !id.equals("..")
        && id.indexOf('/') < 0
        && id.chars().noneMatch(Character::isISOControl);
  }

  private void timeout(Node node) {
    if (!Durations.isValid(node.getMetadata().getTimeout())) {
      errors.add(ErrorCode.SYNTAX_ERROR, node.getId(), "the timeout is not a valid duration");
    }
  }

  private void upstream(Node node) {
    for (var id : node.getUpstreamNodeIdsList()) {
      if (scope.node(id).isEmpty()) {
        errors.add(
            ErrorCode.NODE_REFERENCE_NOT_FOUND,
            node.getId(),
            "the node waits for node [" + id + "], which does not exist");
      }
    }
  }

  private void target(Node node) {
    switch (node.getTargetCase()) {
      case BRANCH_NODE -> {
        conditions.validate(node);
        Nodes.arms(node.getBranchNode()).forEach(this::validate);
      }
      case GATE_NODE -> gate(node, node.getGateNode());
      case ARRAY_NODE -> {
        if (!node.getArrayNode().hasNode()) {
          required(node, "a sub-node");
        }
      }
      case TASK_NODE, WORKFLOW_NODE -> {}
      case TARGET_NOT_SET -> {
        if (!node.getId().equals(Nodes.END)) {
          required(node, "a target: a task, a workflow, a branch, a gate or an array");
        }
      }
    }
  }

  private void gate(Node node, GateNode gate) {
    switch (gate.getConditionCase()) {
      case APPROVE -> {
        if (gate.getApprove().getSignalId().isEmpty()) {
          required(node, "a signal id");
        }
      }
      case SIGNAL -> {
        var signal = gate.getSignal();
        if (signal.getSignalId().isEmpty()) {
          required(node, "a signal id");
        }
        if (signal.getType().getTypeCase() == TypeCase.TYPE_NOT_SET) {
          required(node, "the type of the signal");
        }
        if (signal.getOutputVariableName().isEmpty()) {
          required(node, "the name of the signal's output");
        }
      }
      case SLEEP -> {
        if (!gate.getSleep().hasDuration()) {
          required(node, "the duration of the sleep");
        } else if (!Durations.isValid(gate.getSleep().getDuration())) {
          errors.add(
              ErrorCode.SYNTAX_ERROR, node.getId(), "the sleep does not have a valid duration");
        }
      }
      case CONDITION_NOT_SET ->
          errors.add(
              ErrorCode.NO_CONDITION_FOUND,
              node.getId(),
              "the gate does not say what it waits for");
    }
  }

  private void aliases(Node node) {
    var outputs = interfaces.outputs(node);
    var aliased = new HashSet<String>();
    for (var alias : node.getOutputAliasesList()) {
      if (!aliased.add(alias.getVar())) {
        errors.add(
            ErrorCode.DUPLICATE_ALIAS,
            node.getId(),
            "output [" + alias.getVar() + "] has more than one alias");
      }
      if (outputs.isPresent() && !outputs.get().containsVariables(alias.getVar())) {
        errors.add(
            ErrorCode.PARAMETER_NOT_BOUND,
            node.getId(),
            "alias [%s] stands for [%s], which is no output"
                .formatted(alias.getAlias(), alias.getVar()));
      }
    }
  }

  private void required(Node node, String what) {
    errors.add(ErrorCode.VALUE_REQUIRED, node.getId(), "the node lacks " + what);
  }
}
