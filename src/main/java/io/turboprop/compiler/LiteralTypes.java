package io.turboprop.compiler;

import com.google.protobuf.TextFormat;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.UnionType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The types of literals, read from the values themselves, by Flyte's rules. */
public final class LiteralTypes {
  static final LiteralType NONE = simple(SimpleType.NONE);
  private static final String MSGPACK = "msgpack";

  private LiteralTypes() {}

  /**
   * Infers the type of a literal; empty if it is unknown, for example for a literal without a value
   * or a blob without metadata.
   *
   * <p>A collection of elements of different types has a union as element type; an empty collection
   * has NONE.
   */
  public static Optional<LiteralType> infer(Literal literal) {
    return switch (literal.getValueCase()) {
      case SCALAR -> infer(literal.getScalar());
      case COLLECTION ->
          inferElement(literal.getCollection().getLiteralsList())
              .map(element -> LiteralType.newBuilder().setCollectionType(element).build());
      case MAP ->
          inferElement(literal.getMap().getLiteralsMap().values())
              .map(value -> LiteralType.newBuilder().setMapValueType(value).build());
      case OFFLOADED_METADATA ->
          literal.getOffloadedMetadata().hasInferredType()
              ? Optional.of(literal.getOffloadedMetadata().getInferredType())
              : Optional.empty();
      case VALUE_NOT_SET -> Optional.empty();
    };
  }

  /**
   * Infers the type of a scalar; empty if the scalar has no value, or its value does not determine
   * the type.
   */
  public static Optional<LiteralType> infer(Scalar scalar) {
    return switch (scalar.getValueCase()) {
      case PRIMITIVE -> infer(scalar.getPrimitive());
      case BLOB ->
          scalar.getBlob().hasMetadata()
              ? Optional.of(
                  LiteralType.newBuilder()
                      .setBlob(scalar.getBlob().getMetadata().getType())
                      .build())
              : Optional.empty();
      case BINARY ->
          simpleType(
              scalar.getBinary().getTag().equals(MSGPACK) ? SimpleType.STRUCT : SimpleType.BINARY);
      case SCHEMA ->
          Optional.of(LiteralType.newBuilder().setSchema(scalar.getSchema().getType()).build());
      case NONE_TYPE -> Optional.of(NONE);
      case ERROR -> simpleType(SimpleType.ERROR);
      case GENERIC -> simpleType(SimpleType.STRUCT);
      case STRUCTURED_DATASET ->
          Optional.of(
              LiteralType.newBuilder()
                  .setStructuredDatasetType(
                      scalar.getStructuredDataset().getMetadata().getStructuredDatasetType())
                  .build());
      case UNION -> Optional.of(union(List.of(scalar.getUnion().getType())));
      case VALUE_NOT_SET -> Optional.empty();
    };
  }

  /** Infers the type of a primitive; empty if it has no value. */
  public static Optional<LiteralType> infer(Primitive primitive) {
    return switch (primitive.getValueCase()) {
      case INTEGER -> simpleType(SimpleType.INTEGER);
      case FLOAT_VALUE -> simpleType(SimpleType.FLOAT);
      case STRING_VALUE -> simpleType(SimpleType.STRING);
      case BOOLEAN -> simpleType(SimpleType.BOOLEAN);
      case DATETIME -> simpleType(SimpleType.DATETIME);
      case DURATION -> simpleType(SimpleType.DURATION);
      case VALUE_NOT_SET -> Optional.empty();
    };
  }

  /** The element type of a list or map; empty if the type of any element is unknown. */
  private static Optional<LiteralType> inferElement(Collection<Literal> elements) {
    var types = new LinkedHashSet<LiteralType>();
    Optional<LiteralType> emptyCollection = Optional.empty();
    for (var element : elements) {
      var type = infer(element);
      if (type.isEmpty()) {
        return Optional.empty();
      }
      if (element.hasCollection() && element.getCollection().getLiteralsCount() == 0) {
        emptyCollection = type;
      } else {
        types.add(type.get());
      }
    }
    return types.isEmpty()
        ? emptyCollection.or(() -> Optional.of(NONE))
        : Optional.of(unionOf(types));
  }

  /** The common type if all types are equal, otherwise their union: flat, in textual order. */
  static LiteralType unionOf(Collection<LiteralType> types) {
    var distinct = new LinkedHashSet<>(types);
    if (distinct.size() == 1) {
      return distinct.getFirst();
    }
    var flat = new LinkedHashSet<LiteralType>();
    for (var type : distinct) {
      flat.addAll(type.hasUnionType() ? type.getUnionType().getVariantsList() : List.of(type));
    }
    return flat.size() == 1 ? flat.getFirst() : union(sorted(flat));
  }

  private static List<LiteralType> sorted(Collection<LiteralType> types) {
    var sorted = new ArrayList<>(types);
    sorted.sort((left, right) ->
        TextFormat.printer()
            .emittingSingleLine(true)
            .printToString(left)
            .compareTo(TextFormat.printer().emittingSingleLine(true).printToString(right)));
    return sorted;
  }

  private static LiteralType union(List<LiteralType> variants) {
    return LiteralType.newBuilder()
        .setUnionType(UnionType.newBuilder().addAllVariants(variants))
        .build();
  }

  private static LiteralType simple(SimpleType type) {
    return LiteralType.newBuilder().setSimple(type).build();
  }

  private static Optional<LiteralType> simpleType(SimpleType type) {
    return Optional.of(simple(type));
  }

  /** Describes a type in a few words, for messages: {@code [INTEGER]}, {@code STRING | NONE}. */
  public static String describe(LiteralType type) {
    var text =
        switch (type.getTypeCase()) {
          case SIMPLE -> type.getSimple().name();
          case COLLECTION_TYPE -> "[" + describe(type.getCollectionType()) + "]";
          case MAP_VALUE_TYPE -> "{STRING: " + describe(type.getMapValueType()) + "}";
          case BLOB ->
              "blob("
                  + type.getBlob().getFormat()
                  + ", "
                  + type.getBlob().getDimensionality()
                  + ")";
          case ENUM_TYPE -> "enum" + type.getEnumType().getValuesList();
          case SCHEMA ->
              type.getSchema().getColumnsList().stream()
                  .map(column -> column.getName() + ": " + column.getType())
                  .collect(Collectors.joining(", ", "schema(", ")"));
          case STRUCTURED_DATASET_TYPE ->
              type.getStructuredDatasetType().getColumnsList().stream()
                  .map(column -> column.getName() + ": " + describe(column.getLiteralType()))
                  .collect(
                      Collectors.joining(
                          ", ",
                          "dataset(" + type.getStructuredDatasetType().getFormat() + "; ",
                          ")"));
          case UNION_TYPE ->
              type.getUnionType().getVariantsList().stream()
                  .map(LiteralTypes::describe)
                  .collect(Collectors.joining(" | "));
          case TYPE_NOT_SET -> "no type";
        };
    var tag = type.getStructure().getTag();
    return tag.isEmpty() ? text : text + " (" + tag + ")";
  }
}
