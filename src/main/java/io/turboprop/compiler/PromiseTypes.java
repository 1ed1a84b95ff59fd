package io.turboprop.compiler;

import flyteidl.core.Interface.Variable;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.OutputReference;
import flyteidl.core.Types.PromiseAttribute;
import flyteidl.core.Workflow.Alias;
import flyteidl.core.Workflow.Node;
import io.turboprop.compiler.BindingTypes.Place;
import java.util.Optional;

/**
 * Infers the type of a promise: of an output, of an element of it, or of an attribute in it.
 *
 * <p>Where the bindings define the interface (branch nodes, approve gates), Flyte 1.16 takes the
 * type of the whole output even if the promise names an attribute, and then refuses conditions on
 * attributes. This compiler always takes the attribute's type.
 */
final class PromiseTypes {
  private final WorkflowScope scope;
  private final NodeInterfaces interfaces;

  PromiseTypes(WorkflowScope scope, NodeInterfaces interfaces) {
    this.scope = scope;
    this.interfaces = interfaces;
  }

  /** Resolves a promise; empty, with the reason in {@code errors}, if it refers to nothing. */
  Optional<LiteralType> resolve(Place place, OutputReference promise, CompilerErrors errors) {
    var producer = scope.node(promise.getNodeId());
    if (producer.isEmpty()) {
      errors.add(
          ErrorCode.NODE_REFERENCE_NOT_FOUND,
          place.nodeId(),
          "input [%s] refers to node [%s], which does not exist"
              .formatted(place.input(), promise.getNodeId()));
      return Optional.empty();
    }
    var reference = VariableReference.parse(promise.getVar());
    if (reference.isEmpty()) {
      errors.add(
          ErrorCode.SYNTAX_ERROR,
          place.nodeId(),
          "input [%s] refers to [%s], which is no variable name"
              .formatted(place.input(), promise.getVar()));
      return Optional.empty();
    }
    return output(place, producer.get(), reference.get().name(), errors)
        .flatMap(type -> element(place, reference.get(), type, errors))
        .flatMap(type -> attribute(place, promise, type, errors));
  }

  private Optional<LiteralType> output(
      Place place, Node producer, String name, CompilerErrors errors) {
    var outputs = interfaces.outputs(producer);
    if (outputs.isEmpty()) {
      return Optional.empty();
    }
    var original =
        producer.getOutputAliasesList().stream()
            .filter(alias -> alias.getAlias().equals(name))
            .map(Alias::getVar)
            .findFirst()
            .orElse(name);
    var variable = Optional.ofNullable(outputs.get().getVariablesMap().get(original));
    if (variable.isEmpty()) {
      errors.add(
          ErrorCode.VARIABLE_NAME_NOT_FOUND,
          place.nodeId(),
          "input [%s] refers to [%s], which is no output of node [%s]"
              .formatted(place.input(), name, producer.getId()));
    }
    return variable.map(Variable::getType);
  }

  private static Optional<LiteralType> element(
      Place place, VariableReference reference, LiteralType type, CompilerErrors errors) {
    if (reference.index().isEmpty()) {
      return Optional.of(type);
    }
    if (type.hasCollectionType()) {
      return Optional.of(type.getCollectionType());
    }
    errors.add(
        ErrorCode.MISMATCHING_TYPES,
        place.nodeId(),
        "input [%s] refers to an element of [%s], which is no list but %s"
            .formatted(place.input(), reference.name(), LiteralTypes.describe(type)));
    return Optional.empty();
  }

  /**
   * Follows the path as far as types are known; the rest of a path after a type without fields is
   * ignored.
   */
  private static Optional<LiteralType> attribute(
      Place place, OutputReference promise, LiteralType output, CompilerErrors errors) {
    var type = output;
    for (var step : promise.getAttrPathList()) {
      if (type.hasCollectionType()) {
        type = type.getCollectionType();
      } else if (type.hasMapValueType()) {
        type = type.getMapValueType();
      } else if (type.getStructure().getDataclassTypeCount() > 0) {
        var field = type.getStructure().getDataclassTypeMap().get(step.getStringValue());
        if (field == null) {
          errors.add(
              ErrorCode.FIELD_NOT_FOUND,
              place.nodeId(),
              "input [%s] refers to field [%s], which [%s] does not have"
                  .formatted(place.input(), text(step), promise.getVar()));
          return Optional.empty();
        }
        type = field;
      }
    }
    return Optional.of(type);
  }

  private static String text(PromiseAttribute step) {
    return step.hasIntValue() ? Integer.toString(step.getIntValue()) : step.getStringValue();
  }
}
