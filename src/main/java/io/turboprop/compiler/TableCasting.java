package io.turboprop.compiler;

import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SchemaType;
import flyteidl.core.Types.SchemaType.SchemaColumn;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.StructuredDatasetType;
import flyteidl.core.Types.StructuredDatasetType.DatasetColumn;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Checks whether schemas and structured datasets fit each other.
 *
 * <p>A side without columns fits everything; otherwise every expected column must exist. Columns of
 * schemas are compared as the simple types of the same name.
 */
final class TableCasting {
  private static final String PARQUET = "parquet";

  private TableCasting() {}

  static boolean schemaAccepts(SchemaType downstream, LiteralType upstream) {
    return switch (upstream.getTypeCase()) {
      case SCHEMA -> columnsFit(columns(downstream), columns(upstream.getSchema()));
      case STRUCTURED_DATASET_TYPE ->
          isParquet(upstream.getStructuredDatasetType())
              && columnsFit(columns(downstream), columns(upstream.getStructuredDatasetType()));
      case SIMPLE, COLLECTION_TYPE, MAP_VALUE_TYPE, BLOB, ENUM_TYPE, UNION_TYPE, TYPE_NOT_SET ->
          false;
    };
  }

  static boolean datasetAccepts(StructuredDatasetType downstream, LiteralType upstream) {
    return switch (upstream.getTypeCase()) {
      case SCHEMA ->
          isParquet(downstream) && columnsFit(columns(downstream), columns(upstream.getSchema()));
      case STRUCTURED_DATASET_TYPE ->
          sameFormat(downstream, upstream.getStructuredDatasetType())
              && columnsFit(columns(downstream), columns(upstream.getStructuredDatasetType()));
      case SIMPLE, COLLECTION_TYPE, MAP_VALUE_TYPE, BLOB, ENUM_TYPE, UNION_TYPE, TYPE_NOT_SET ->
          false;
    };
  }

  private static boolean columnsFit(
      Map<String, LiteralType> downstream, Map<String, LiteralType> upstream) {
    return downstream.isEmpty()
        || upstream.isEmpty()
        || downstream.entrySet().stream()
            .allMatch(column -> {
              var given = upstream.get(column.getKey());
              return given != null && TypeCasting.accepts(column.getValue(), given);
            });
  }

  private static boolean isParquet(StructuredDatasetType dataset) {
    return dataset.getFormat().isEmpty() || dataset.getFormat().equalsIgnoreCase(PARQUET);
  }

  private static boolean sameFormat(StructuredDatasetType left, StructuredDatasetType right) {
    return left.getFormat().isEmpty()
        || right.getFormat().isEmpty()
        || left.getFormat().equalsIgnoreCase(right.getFormat());
  }

  private static Map<String, LiteralType> columns(StructuredDatasetType dataset) {
    return dataset.getColumnsList().stream()
        .collect(
            Collectors.toMap(
                DatasetColumn::getName, DatasetColumn::getLiteralType, (first, _) -> first));
  }

  private static Map<String, LiteralType> columns(SchemaType schema) {
    return schema.getColumnsList().stream()
        .collect(
            Collectors.toMap(
                SchemaColumn::getName, column -> simple(column.getType()), (first, _) -> first));
  }

  private static LiteralType simple(SchemaColumn.SchemaColumnType type) {
    var simple =
        switch (type) {
          case INTEGER -> SimpleType.INTEGER;
          case FLOAT -> SimpleType.FLOAT;
          case STRING -> SimpleType.STRING;
          case BOOLEAN -> SimpleType.BOOLEAN;
          case DATETIME -> SimpleType.DATETIME;
          case DURATION -> SimpleType.DURATION;
          case UNRECOGNIZED -> SimpleType.UNRECOGNIZED;
        };
    return simple == SimpleType.UNRECOGNIZED
        ? LiteralType.getDefaultInstance()
        : LiteralType.newBuilder().setSimple(simple).build();
  }
}
