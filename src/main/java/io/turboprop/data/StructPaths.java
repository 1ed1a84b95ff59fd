package io.turboprop.data;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.PromiseAttribute;
import java.util.List;

/** Follows attribute paths inside a protobuf struct, whose numbers are all floats. */
final class StructPaths {
  private StructPaths() {}

  static Literal resolve(Struct struct, List<PromiseAttribute> path) throws BindingException {
    var current = Value.newBuilder().setStructValue(struct).build();
    for (var attribute : path) {
      current = descend(current, attribute);
    }
    return literal(current);
  }

  private static Value descend(Value value, PromiseAttribute attribute) throws BindingException {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> {
        var key = AttributePaths.key(attribute);
        var field = value.getStructValue().getFieldsMap().get(key);
        if (field == null) {
          throw AttributePaths.noKey(key);
        }
        yield field;
      }
      case LIST_VALUE ->
          AttributePaths.element(
              value.getListValue().getValuesList(), AttributePaths.index(attribute));
      case NULL_VALUE, NUMBER_VALUE, STRING_VALUE, BOOL_VALUE, KIND_NOT_SET -> value;
    };
  }

  private static Literal literal(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE ->
          Literal.newBuilder()
              .setScalar(Scalar.newBuilder().setGeneric(value.getStructValue()))
              .build();
      case LIST_VALUE -> {
        var collection = LiteralCollection.newBuilder();
        value.getListValue().getValuesList().stream()
            .map(StructPaths::literal)
            .forEach(collection::addLiterals);
        yield Literal.newBuilder().setCollection(collection).build();
      }
      case NUMBER_VALUE -> primitive(Primitive.newBuilder().setFloatValue(value.getNumberValue()));
      case STRING_VALUE -> primitive(Primitive.newBuilder().setStringValue(value.getStringValue()));
      case BOOL_VALUE -> primitive(Primitive.newBuilder().setBoolean(value.getBoolValue()));
      case NULL_VALUE, KIND_NOT_SET -> Literal.getDefaultInstance();
    };
  }

  static Literal primitive(Primitive.Builder primitive) {
    return Literal.newBuilder().setScalar(Scalar.newBuilder().setPrimitive(primitive)).build();
  }
}
