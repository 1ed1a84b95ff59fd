package io.turboprop.compiler;

import flyteidl.core.Types.BlobType;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;

/**
 * Checks whether a value of a type fits where another type is expected, by Flyte's rules, which
 * never widen numbers.
 *
 * <p>A union of a single variant counts as that variant, but only at the outermost level and as a
 * variant of a union.
 */
public final class TypeCasting {
  private TypeCasting() {}

  /**
   * Whether a value of type {@code upstream} is accepted by a variable of type {@code downstream}.
   */
  public static boolean castable(LiteralType upstream, LiteralType downstream) {
    if (upstream.getUnionType().getVariantsCount() == 1
        && castable(upstream.getUnionType().getVariants(0), downstream)) {
      return true;
    }
    return accepts(downstream, upstream);
  }

  static boolean accepts(LiteralType downstream, LiteralType upstream) {
    return switch (downstream.getTypeCase()) {
      case COLLECTION_TYPE ->
          upstream.hasCollectionType()
              && acceptsElement(downstream.getCollectionType(), upstream.getCollectionType());
      case MAP_VALUE_TYPE ->
          upstream.hasMapValueType()
              && acceptsElement(downstream.getMapValueType(), upstream.getMapValueType());
      case BLOB -> upstream.hasBlob() && sameFormat(downstream.getBlob(), upstream.getBlob());
      case SCHEMA -> TableCasting.schemaAccepts(downstream.getSchema(), upstream);
      case STRUCTURED_DATASET_TYPE ->
          isNone(upstream)
              || TableCasting.datasetAccepts(downstream.getStructuredDatasetType(), upstream);
      case UNION_TYPE -> unionAccepts(downstream, upstream);
      case SIMPLE, ENUM_TYPE, TYPE_NOT_SET -> plainAccepts(downstream, upstream);
    };
  }

  /** An empty collection, whose element type is NONE, fits every expected element type. */
  private static boolean acceptsElement(LiteralType downstream, LiteralType upstream) {
    return isNone(upstream) || accepts(downstream, upstream);
  }

  private static boolean sameFormat(BlobType downstream, BlobType upstream) {
    return downstream.getFormat().isEmpty()
        || upstream.getFormat().isEmpty()
        || downstream.getFormat().equals(upstream.getFormat());
  }

  private static boolean unionAccepts(LiteralType downstream, LiteralType upstream) {
    var variants = downstream.getUnionType().getVariantsList();
    if (upstream.hasUnionType()) {
      return upstream.getUnionType().getVariantsList().stream()
          .allMatch(given -> variants.stream().anyMatch(variant -> castable(given, variant)));
    }
    return variants.stream().filter(variant -> castable(upstream, variant)).count() == 1;
  }

  private static boolean plainAccepts(LiteralType downstream, LiteralType upstream) {
    if (isSimple(downstream, SimpleType.STRING) && upstream.hasEnumType()) {
      return true;
    }
    if (downstream.hasEnumType() && isSimple(upstream, SimpleType.STRING)) {
      return true;
    }
    var tag = upstream.getStructure().getTag();
    if (!tag.isEmpty() && !tag.equals(downstream.getStructure().getTag())) {
      return false;
    }
    if (isSimple(downstream, SimpleType.STRUCT) && isSimple(upstream, SimpleType.STRUCT)) {
      return !downstream.hasMetadata()
          || !upstream.hasMetadata()
          || JsonSchemas.accepts(downstream.getMetadata(), upstream.getMetadata());
    }
    return bare(downstream).equals(bare(upstream));
  }

  /** The type without its purely descriptive parts. */
  static LiteralType bare(LiteralType type) {
    return type.toBuilder().clearStructure().clearMetadata().clearAnnotation().build();
  }

  static boolean isNone(LiteralType type) {
    return isSimple(type, SimpleType.NONE);
  }

  static boolean isSimple(LiteralType type, SimpleType simple) {
    return type.hasSimple() && type.getSimple() == simple;
  }
}
