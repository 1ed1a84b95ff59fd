package io.turboprop.node;

import flyteidl.core.Literals.Literal;
import io.turboprop.data.BindingException;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.LiteralLoader;
import io.turboprop.data.Literals;
import io.turboprop.workflow.plan.NodeKind;
import java.io.IOException;
import java.util.Optional;

/** The number of elements of an array, which is the length of each input list. */
sealed interface ArraySize {
  String INVALID_LENGTH = "InvalidArrayLength";

  /**
   * @param size from 0
   */
  record Known(int size) implements ArraySize {}

  /** The inputs give no valid number of elements. */
  record Refused(ExecutionError error) implements ArraySize {}

  /**
   * @throws IOException when an offloaded input can't be read for a reason that may pass
   */
  static ArraySize of(NodeKind.Array array, Literals inputs, LiteralLoader loader)
      throws IOException {
    var size = Optional.<Integer>empty();
    for (var input : inputs.map().getLiteralsMap().entrySet()) {
      if (array.boundInputs().contains(input.getKey())) {
        continue;
      }
      if (!hasType(input.getValue())) {
        return refused("IDLNotFoundErr", "the input '" + input.getKey() + "' has no value");
      }
      Literal value;
      try {
        value = loaded(input.getValue(), loader);
      } catch (BindingException e) {
        return new Refused(
            ExecutionError.system(
                "RuntimeExecutionError",
                "the input '%s' can't be loaded: %s".formatted(input.getKey(), e.getMessage())));
      }
      if (value.hasCollection()) {
        var length = value.getCollection().getLiteralsCount();
        if (size.filter(other -> other != length).isPresent()) {
          return refused(
              INVALID_LENGTH,
              "the input '%s' has %d elements, others have %d"
                  .formatted(input.getKey(), length, size.orElseThrow()));
        }
        size = Optional.of(length);
      }
    }
    return size.or(() -> wholeOnly(array, inputs))
        .<ArraySize>map(Known::new)
        .orElseGet(() -> refused(INVALID_LENGTH, "no input array provided"));
  }

  /** Without any list there is one element, if no input was to be split. */
  private static Optional<Integer> wholeOnly(NodeKind.Array array, Literals inputs) {
    return array.boundInputs().containsAll(inputs.map().getLiteralsMap().keySet())
        ? Optional.of(1)
        : Optional.empty();
  }

  /** The literal itself, inline or offloaded. */
  static Literal loaded(Literal literal, LiteralLoader loader)
      throws BindingException, IOException {
    return literal.hasOffloadedMetadata()
        ? loader.load(new DataReference(literal.getOffloadedMetadata().getUri()))
        : literal;
  }

  private static boolean hasType(Literal literal) {
    return switch (literal.getValueCase()) {
      case SCALAR -> literal.getScalar().getValueCase().getNumber() != 0;
      case COLLECTION, MAP, OFFLOADED_METADATA -> true;
      case VALUE_NOT_SET -> false;
    };
  }

  private static Refused refused(String code, String message) {
    return new Refused(ExecutionError.user(code, message));
  }
}
