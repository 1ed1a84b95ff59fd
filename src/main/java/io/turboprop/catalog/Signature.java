package io.turboprop.catalog;

import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.StructuredDatasetType;
import flyteidl.core.Types.TypeStructure;
import flyteidl.core.Types.UnionType;

/**
 * The signature of the inputs or of the outputs of an interface: a hash of names and types, without
 * descriptions, type metadata and annotations.
 */
final class Signature {
  private static final int LENGTH = 8;

  /** The key in a type's annotation that makes the annotation part of the signature. */
  private static final String KEPT_ANNOTATION = "cache-key-metadata";

  private Signature() {}

  /** The signature, 8 characters. */
  static String of(VariableMap variables) {
    return ObjectHash.of(stripped(variables)).substring(0, LENGTH);
  }

  static VariableMap stripped(VariableMap variables) {
    var stripped = VariableMap.newBuilder();
    variables
        .getVariablesMap()
        .forEach((name, variable) -> stripped.putVariables(name, stripped(variable)));
    return stripped.build();
  }

  private static Variable stripped(Variable variable) {
    var stripped = variable.toBuilder().clearDescription();
    if (variable.hasType()) {
      stripped.setType(stripped(variable.getType()));
    }
    return stripped.build();
  }

  private static LiteralType stripped(LiteralType type) {
    var stripped = type.toBuilder().clearMetadata();
    if (!type.getAnnotation().getAnnotations().containsFields(KEPT_ANNOTATION)) {
      stripped.clearAnnotation();
    }
    if (type.hasStructure()) {
      stripped.setStructure(stripped(type.getStructure()));
    }
    switch (type.getTypeCase()) {
      case COLLECTION_TYPE -> stripped.setCollectionType(stripped(type.getCollectionType()));
      case MAP_VALUE_TYPE -> stripped.setMapValueType(stripped(type.getMapValueType()));
      case UNION_TYPE -> stripped.setUnionType(stripped(type.getUnionType()));
      case STRUCTURED_DATASET_TYPE ->
          stripped.setStructuredDatasetType(stripped(type.getStructuredDatasetType()));
      case SIMPLE, SCHEMA, BLOB, ENUM_TYPE, TYPE_NOT_SET -> {}
    }
    return stripped.build();
  }

  private static UnionType stripped(UnionType union) {
    var stripped = UnionType.newBuilder();
    union.getVariantsList().forEach(variant -> stripped.addVariants(stripped(variant)));
    return stripped.build();
  }

  private static StructuredDatasetType stripped(StructuredDatasetType type) {
    var stripped = type.toBuilder();
    stripped
        .getColumnsBuilderList()
        .forEach(column -> {
          if (column.hasLiteralType()) {
            column.setLiteralType(stripped(column.getLiteralType()));
          }
        });
    return stripped.build();
  }

  private static TypeStructure stripped(TypeStructure structure) {
    var stripped = structure.toBuilder().clearDataclassType();
    structure
        .getDataclassTypeMap()
        .forEach((field, type) -> stripped.putDataclassType(field, stripped(type)));
    return stripped.build();
  }
}
