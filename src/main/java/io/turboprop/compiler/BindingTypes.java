package io.turboprop.compiler;

import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.LiteralType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Infers the type of a binding's value, and checks it against the expected type if there is one.
 */
final class BindingTypes {

  /** The position of a binding: an input of a node. */
  record Place(String nodeId, String input) {}

  private final PromiseTypes promiseTypes;

  BindingTypes(WorkflowScope scope, NodeInterfaces interfaces) {
    this.promiseTypes = new PromiseTypes(scope, interfaces);
  }

  /**
   * Resolves a binding.
   *
   * @param expected the type of the input; empty where the bindings themselves define the interface
   * @param errors takes the reasons when the result is empty
   */
  Optional<LiteralType> resolve(
      Place place, BindingData data, Optional<LiteralType> expected, CompilerErrors errors) {
    return switch (data.getValueCase()) {
      case SCALAR -> scalar(place, data.getScalar(), expected, errors);
      case PROMISE -> promise(place, data, expected, errors);
      case COLLECTION, MAP ->
          expected.filter(LiteralType::hasUnionType).isPresent()
              ? oneVariant(place, data, expected.get(), errors)
              : container(place, data, expected, errors);
      case OFFLOADED_METADATA -> {
        errors.add(
            ErrorCode.MISMATCHING_BINDINGS,
            place.nodeId(),
            "input [" + place.input() + "] is bound to an offloaded literal");
        yield Optional.empty();
      }
      case VALUE_NOT_SET -> notBound(place, errors);
    };
  }

  private Optional<LiteralType> promise(
      Place place, BindingData data, Optional<LiteralType> expected, CompilerErrors errors) {
    var resolved = promiseTypes.resolve(place, data.getPromise(), errors);
    if (resolved.isEmpty()) {
      return notBound(place, errors);
    }
    return castable(place, resolved.get(), expected, errors);
  }

  private static Optional<LiteralType> scalar(
      Place place, Scalar scalar, Optional<LiteralType> expected, CompilerErrors errors) {
    if (scalar.getValueCase() == Scalar.ValueCase.VALUE_NOT_SET) {
      return notBound(place, errors);
    }
    var type = LiteralTypes.infer(scalar);
    if (type.isEmpty()) {
      errors.add(
          ErrorCode.UNRECOGNIZED_VALUE,
          place.nodeId(),
          "the type of the value bound to input [" + place.input() + "] is unknown");
      return Optional.empty();
    }
    var fitting = castable(place, type.get(), expected, errors);
    return fitting.isPresent() && !isMember(place, scalar, expected, errors)
        ? Optional.empty()
        : fitting;
  }

  private static boolean isMember(
      Place place, Scalar scalar, Optional<LiteralType> expected, CompilerErrors errors) {
    var values = expected.filter(LiteralType::hasEnumType).map(LiteralType::getEnumType);
    var value = scalar.getPrimitive().getStringValue();
    if (values.isEmpty() || values.get().getValuesList().contains(value)) {
      return true;
    }
    errors.add(
        ErrorCode.ILLEGAL_ENUM_VALUE,
        place.nodeId(),
        "input [%s] is bound to [%s], which is none of %s"
            .formatted(place.input(), value, values.get().getValuesList()));
    return false;
  }

  private static Optional<LiteralType> castable(
      Place place, LiteralType given, Optional<LiteralType> expected, CompilerErrors errors) {
    if (expected.isEmpty() || TypeCasting.castable(given, expected.get())) {
      return Optional.of(given);
    }
    errors.add(
        ErrorCode.MISMATCHING_TYPES,
        place.nodeId(),
        "input [%s] expects %s, but is bound to %s"
            .formatted(
                place.input(),
                LiteralTypes.describe(expected.get()),
                LiteralTypes.describe(given)));
    return Optional.empty();
  }

  /** Resolves a list or map of bindings for a union: exactly one variant must accept it. */
  private Optional<LiteralType> oneVariant(
      Place place, BindingData data, LiteralType union, CompilerErrors errors) {
    if (resolve(place, data, Optional.empty(), errors).isEmpty()) {
      return Optional.empty();
    }
    var fitting = new ArrayList<LiteralType>();
    for (var variant : union.getUnionType().getVariantsList()) {
      resolve(place, data, Optional.of(variant), new CompilerErrors()).ifPresent(fitting::add);
    }
    if (fitting.size() == 1) {
      return Optional.of(fitting.getFirst());
    }
    errors.add(
        fitting.isEmpty()
            ? ErrorCode.INCOMPATIBLE_BINDING_UNION_VALUE
            : ErrorCode.AMBIGUOUS_BINDING_UNION_VALUE,
        place.nodeId(),
        "input [%s] expects one of %s, and the value bound to it fits %s"
            .formatted(
                place.input(),
                LiteralTypes.describe(union),
                fitting.isEmpty() ? "none" : "several: " + describe(fitting)));
    return Optional.empty();
  }

  private Optional<LiteralType> container(
      Place place, BindingData data, Optional<LiteralType> expected, CompilerErrors errors) {
    var isList = data.hasCollection();
    var fits =
        expected.isEmpty()
            || (isList ? expected.get().hasCollectionType() : expected.get().hasMapValueType());
    if (!fits) {
      errors.add(
          ErrorCode.MISMATCHING_BINDINGS,
          place.nodeId(),
          "input [%s] expects %s, but is bound to a %s"
              .formatted(
                  place.input(), LiteralTypes.describe(expected.get()), isList ? "list" : "map"));
      return Optional.empty();
    }
    return isList
        ? elements(
            place,
            data.getCollection().getBindingsList(),
            expected.map(LiteralType::getCollectionType),
            LiteralType.Builder::setCollectionType,
            errors)
        : elements(
            place,
            new TreeMap<>(data.getMap().getBindingsMap()).values(),
            expected.map(LiteralType::getMapValueType),
            LiteralType.Builder::setMapValueType,
            errors);
  }

  private Optional<LiteralType> elements(
      Place place,
      Collection<BindingData> elements,
      Optional<LiteralType> expected,
      BiFunction<LiteralType.Builder, LiteralType, LiteralType.Builder> container,
      CompilerErrors errors) {
    var types =
        elements.stream().map(element -> resolve(place, element, expected, errors)).toList();
    if (types.stream().anyMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    var element =
        types.isEmpty()
            ? LiteralTypes.NONE
            : LiteralTypes.unionOf(types.stream().flatMap(Optional::stream).toList());
    return Optional.of(container.apply(LiteralType.newBuilder(), element).build());
  }

  private static Optional<LiteralType> notBound(Place place, CompilerErrors errors) {
    errors.add(
        ErrorCode.PARAMETER_NOT_BOUND,
        place.nodeId(),
        "input [" + place.input() + "] is not bound to a value");
    return Optional.empty();
  }

  private static String describe(List<LiteralType> types) {
    return String.join(", ", types.stream().map(LiteralTypes::describe).toList());
  }
}
