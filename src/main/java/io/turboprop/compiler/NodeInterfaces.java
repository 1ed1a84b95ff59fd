package io.turboprop.compiler;

import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Workflow.ArrayNode;
import flyteidl.core.Workflow.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The inputs and outputs of every kind of node.
 *
 * <p>A branch node and an approve gate take their inputs from their bindings, and the gate also its
 * outputs, so these interfaces depend on upstream nodes, and are computed on first use. An empty
 * result means that there is no interface and that the error has been reported.
 */
final class NodeInterfaces {
  private final WorkflowScope scope;
  private final CompilerErrors errors;
  private final TargetInterfaces targets;
  private final BindingTypes bindingTypes;
  private final Map<Node, Optional<VariableMap>> outputs = new HashMap<>();
  private final Set<Node> open = new HashSet<>();

  NodeInterfaces(WorkflowScope scope, CompilerErrors errors) {
    this.scope = scope;
    this.errors = errors;
    this.targets = new TargetInterfaces(scope, errors);
    this.bindingTypes = new BindingTypes(scope, this);
  }

  /** The types of bindings, for validators. */
  BindingTypes bindingTypes() {
    return bindingTypes;
  }

  /** The inputs that a node's bindings must satisfy. */
  Optional<VariableMap> inputs(Node node) {
    if (node.getId().equals(Nodes.END)) {
      return Optional.of(scope.typedInterface().getOutputs());
    }
    return switch (node.getTargetCase()) {
      case TASK_NODE, WORKFLOW_NODE -> targets.of(node).map(typed -> typed.getInputs());
      case BRANCH_NODE -> fromBindings(node);
      case GATE_NODE ->
          node.getGateNode().hasApprove()
              ? fromBindings(node)
              : Optional.of(VariableMap.getDefaultInstance());
      case ARRAY_NODE -> {
        var array = node.getArrayNode();
        yield inputs(subNode(node)).map(map -> wrapped(array, array.getBoundInputsList(), map));
      }
      case TARGET_NOT_SET -> Optional.of(VariableMap.getDefaultInstance());
    };
  }

  /** The outputs that a promise may refer to, under their original names. */
  Optional<VariableMap> outputs(Node node) {
    var known = outputs.get(node);
    if (known != null) {
      return known;
    }
    if (!open.add(node)) {
      errors.add(ErrorCode.CYCLE_DETECTED, node.getId(), "the node's outputs depend on themselves");
      return Optional.empty();
    }
    var computed = computeOutputs(node);
    open.remove(node);
    outputs.put(node, computed);
    return computed;
  }

  private Optional<VariableMap> computeOutputs(Node node) {
    if (node.getId().equals(Nodes.START)) {
      return Optional.of(scope.typedInterface().getInputs());
    }
    return switch (node.getTargetCase()) {
      case TASK_NODE, WORKFLOW_NODE -> targets.of(node).map(typed -> typed.getOutputs());
      case BRANCH_NODE -> commonOutputs(node);
      case GATE_NODE -> gateOutputs(node);
      case ARRAY_NODE ->
          outputs(subNode(node)).map(map -> wrapped(node.getArrayNode(), List.of(), map));
      case TARGET_NOT_SET -> Optional.of(VariableMap.getDefaultInstance());
    };
  }

  /** The outputs that all arms have; their types must agree. */
  private Optional<VariableMap> commonOutputs(Node node) {
    Optional<VariableMap> common = Optional.empty();
    for (var arm : Nodes.arms(node.getBranchNode())) {
      var given = outputs(arm);
      if (given.isEmpty()) {
        return Optional.empty();
      }
      common = Optional.of(common.isEmpty() ? given.get() : both(node, common.get(), given.get()));
    }
    return common;
  }

  private VariableMap both(Node branch, VariableMap left, VariableMap right) {
    var common = VariableMap.newBuilder();
    for (var name : left.getVariablesMap().keySet().stream().sorted().toList()) {
      var other = right.getVariablesMap().get(name);
      if (other == null) {
        continue;
      }
      var variable = left.getVariablesOrThrow(name);
      if (!variable.getType().equals(other.getType())) {
        errors.add(
            ErrorCode.MISMATCHING_TYPES,
            branch.getId(),
            "the arms give output [%s] different types: %s and %s"
                .formatted(
                    name,
                    LiteralTypes.describe(variable.getType()),
                    LiteralTypes.describe(other.getType())));
      }
      common.putVariables(name, variable);
    }
    return common.build();
  }

  private Optional<VariableMap> gateOutputs(Node node) {
    var gate = node.getGateNode();
    return switch (gate.getConditionCase()) {
      case APPROVE -> fromBindings(node);
      case SIGNAL ->
          Optional.of(
              VariableMap.newBuilder()
                  .putVariables(
                      gate.getSignal().getOutputVariableName(),
                      Variable.newBuilder().setType(gate.getSignal().getType()).build())
                  .build());
      case SLEEP, CONDITION_NOT_SET -> Optional.of(VariableMap.getDefaultInstance());
    };
  }

  /** The types that the bindings resolve to; empty if any binding can't be resolved. */
  private Optional<VariableMap> fromBindings(Node node) {
    var variables = VariableMap.newBuilder();
    var complete = true;
    for (var binding : node.getInputsList()) {
      var place = new BindingTypes.Place(node.getId(), binding.getVar());
      var type = bindingTypes.resolve(place, binding.getBinding(), Optional.empty(), errors);
      complete &= type.isPresent();
      type.map(known -> Variable.newBuilder().setType(known).build())
          .ifPresent(variable -> variables.putVariables(binding.getVar(), variable));
    }
    return complete ? Optional.of(variables.build()) : Optional.empty();
  }

  /**
   * The node that an array repeats, with the array's own id and bindings, because these are
   * checked.
   */
  private static Node subNode(Node node) {
    return node.getArrayNode().getNode().toBuilder()
        .setId(node.getId())
        .clearInputs()
        .addAllInputs(node.getInputsList())
        .build();
  }

  /**
   * Turns each variable into a list, except whole-bound inputs, if the array node declares that its
   * sub-node has the original interface. Otherwise the SDK has already done this. (Flyte 1.16 does
   * not read that flag, and refuses such nodes.)
   */
  private static VariableMap wrapped(ArrayNode array, List<String> bound, VariableMap variables) {
    if (!array.getIsOriginalSubNodeInterface().getValue()) {
      return variables;
    }
    var wrapped = variables.toBuilder();
    variables
        .getVariablesMap()
        .forEach((name, variable) -> {
          if (!bound.contains(name)) {
            var list = LiteralType.newBuilder().setCollectionType(variable.getType());
            wrapped.putVariables(name, variable.toBuilder().setType(list).build());
          }
        });
    return wrapped.build();
  }
}
