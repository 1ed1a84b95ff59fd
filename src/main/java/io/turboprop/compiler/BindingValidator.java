package io.turboprop.compiler;

import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Workflow.Node;
import io.turboprop.compiler.BindingTypes.Place;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Checks that a node's bindings bind every input once, with a value of the input's type. */
final class BindingValidator {
  private final NodeInterfaces interfaces;
  private final BindingTypes bindingTypes;
  private final CompilerErrors errors;

  BindingValidator(NodeInterfaces interfaces, CompilerErrors errors) {
    this.interfaces = interfaces;
    this.bindingTypes = interfaces.bindingTypes();
    this.errors = errors;
  }

  void validate(Node node) {
    var inputs = interfaces.inputs(node);
    var bound = new HashSet<String>();
    for (var binding : node.getInputsList()) {
      if (isComplete(node, binding)) {
        if (!bound.add(binding.getVar())) {
          errors.add(
              ErrorCode.PARAMETER_BOUND_MORE_THAN_ONCE,
              node.getId(),
              "input [" + binding.getVar() + "] is bound more than once");
        }
        inputs.ifPresent(map -> validate(node, binding, map));
      }
    }
    inputs.ifPresent(map -> requireAll(node, map, bound));
  }

  private boolean isComplete(Node node, Binding binding) {
    if (binding.getVar().isEmpty()) {
      errors.add(ErrorCode.VALUE_REQUIRED, node.getId(), "a binding does not name its input");
    }
    if (!binding.hasBinding()) {
      errors.add(
          ErrorCode.VALUE_REQUIRED,
          node.getId(),
          "the binding of input [" + binding.getVar() + "] has no value");
    }
    return !binding.getVar().isEmpty() && binding.hasBinding();
  }

  private void validate(Node node, Binding binding, VariableMap inputs) {
    if (makesItsInterface(node)) {
      return;
    }
    var variable = inputs.getVariablesMap().get(binding.getVar());
    if (variable == null) {
      errors.add(
          ErrorCode.VARIABLE_NAME_NOT_FOUND,
          node.getId(),
          "there is no input [" + binding.getVar() + "] to bind to");
    }
    var place = new Place(node.getId(), binding.getVar());
    var expected = Optional.ofNullable(variable).map(Variable::getType);
    bindingTypes.resolve(place, binding.getBinding(), expected, errors);
  }

  /** The bindings of such a node were already resolved for its interface. */
  private static boolean makesItsInterface(Node node) {
    return node.hasBranchNode() || node.getGateNode().hasApprove();
  }

  private void requireAll(Node node, VariableMap inputs, Set<String> bound) {
    if (makesItsInterface(node)) {
      return;
    }
    inputs.getVariablesMap().keySet().stream()
        .sorted()
        .filter(name -> !bound.contains(name))
        .filter(name -> !isOptional(inputs.getVariablesOrThrow(name).getType()))
        .forEach(name ->
            errors.add(
                ErrorCode.PARAMETER_NOT_BOUND, node.getId(), "input [" + name + "] is not bound"));
  }

  /** An input that may be NONE need not be bound. */
  private static boolean isOptional(LiteralType type) {
    return type.getUnionType().getVariantsList().stream().anyMatch(TypeCasting::isNone);
  }
}
