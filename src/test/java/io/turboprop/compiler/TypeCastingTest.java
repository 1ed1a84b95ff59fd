package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.*;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Types.BlobType;
import flyteidl.core.Types.BlobType.BlobDimensionality;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SchemaType;
import flyteidl.core.Types.SchemaType.SchemaColumn;
import flyteidl.core.Types.SchemaType.SchemaColumn.SchemaColumnType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.StructuredDatasetType;
import flyteidl.core.Types.StructuredDatasetType.DatasetColumn;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TypeCastingTest {
  private static final String POINT =
      """
      {"type": "object", "required": ["x"], "additionalProperties": false,
       "properties": {"x": {"type": "integer"}}}
      """;
  private static final String POINT_IN_SPACE =
      """
      {"type": "object", "required": ["x", "z"], "additionalProperties": false,
       "properties": {"x": {"type": "integer"}, "z": {"type": "number"}}}
      """;
  private static final String POINT_OF_TEXT =
      """
      {"type": "object", "required": ["x"], "properties": {"x": {"type": "string"}}}
      """;
  private static final String POINT_BY_REFERENCE =
      """
      {"$ref": "#/definitions/Point",
       "definitions": {"Point": {"type": "object", "required": ["x"], "title": "Point",
                                 "properties": {"x": {"type": "integer", "format": "int64"}}}}}
      """;
  private static final String TREE =
      """
      {"$ref": "#/$defs/Tree",
       "$defs": {"Tree": {"type": "object", "required": ["children"],
                 "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}}}
      """;
  private static final String NAMED_TREE =
      """
      {"$ref": "#/$defs/Tree",
       "$defs": {"Tree": {"type": "object", "required": ["children", "name"],
                 "properties": {"name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                                "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}}}
      """;

  static Stream<Arguments> accepted() {
    return Stream.of(
        row("the same", INTEGER, INTEGER),
        row("annotations do not count", INTEGER, described(INTEGER)),
        row("an enum as a string", oneOf("a", "b"), STRING),
        row("a string as an enum", STRING, oneOf("a", "b")),
        row("the same enum", oneOf("a", "b"), oneOf("a", "b")),
        row("a union of one variant", union(INTEGER), INTEGER),
        row("a value as one variant", INTEGER, union(INTEGER, NONE)),
        row("none as one variant", NONE, union(INTEGER, NONE)),
        row("a union as a larger one", union(INTEGER, NONE), union(STRING, INTEGER, NONE)),
        row("an untagged value as a tagged variant", INTEGER, union(tagged(INTEGER, "int"), NONE)),
        row("an untagged value where a tag is expected", INTEGER, tagged(INTEGER, "int")),
        row("the same tag", tagged(INTEGER, "int"), tagged(INTEGER, "int")),
        row("a list", list(INTEGER), list(INTEGER)),
        row("an empty list", list(NONE), list(INTEGER)),
        row("a list of values as one of unions", list(INTEGER), list(union(INTEGER, NONE))),
        row(
            "a list of single unions as one of unions",
            list(union(INTEGER)),
            list(union(INTEGER, NONE))),
        row("an empty list of lists", list(list(NONE)), list(list(INTEGER))),
        row("a map", map(STRING), map(STRING)),
        row("an empty map", map(NONE), map(STRING)),
        row("a blob", blob("csv"), blob("csv")),
        row("a blob without format", blob(""), blob("csv")),
        row("a blob where no format is expected", blob("csv"), blob("")),
        row("a blob of many parts", parts("csv"), blob("csv")),
        row("a schema", schema("a"), schema("a")),
        row("a schema with more columns", schema("a", "b"), schema("a")),
        row("a schema without columns", schema(), schema("a")),
        row("a dataset as a schema", dataset("", "a"), schema("a")),
        row("a dataset in Parquet as a schema", dataset("Parquet", "a", "b"), schema("a")),
        row("a schema as a dataset", schema("a"), dataset("parquet", "a")),
        row("none as a dataset", NONE, dataset("csv", "a")),
        row("a dataset of a format in other letters", dataset("CSV"), dataset("csv")),
        row("a dataset without format", dataset("", "a"), dataset("csv", "a")),
        row("a dataset with more columns", dataset("csv", "a", "b"), dataset("csv", "b")),
        row("a struct without schema", STRUCT, struct(POINT)),
        row("a struct where no schema is expected", struct(POINT), STRUCT),
        row("a struct of the same schema", struct(POINT), struct(POINT)),
        row("a struct with more fields", struct(POINT_IN_SPACE), struct(POINT)),
        row("a struct whose schema is a reference", struct(POINT_BY_REFERENCE), struct(POINT)),
        row("a struct that contains itself", struct(NAMED_TREE), struct(TREE)));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        row("an integer as a float", INTEGER, FLOAT),
        row("a float as an integer", FLOAT, INTEGER),
        row("an integer as a string", INTEGER, STRING),
        row("none as an integer", NONE, INTEGER),
        row("an integer as none", INTEGER, NONE),
        row("an enum with other values", oneOf("a", "b"), oneOf("b", "a")),
        row("an integer as an enum", INTEGER, oneOf("a")),
        row("a tagged value where no tag is expected", tagged(INTEGER, "int"), INTEGER),
        row("another tag", tagged(INTEGER, "int"), tagged(INTEGER, "long")),
        row("no variant", STRING, union(INTEGER, NONE)),
        row("two variants", STRING, union(STRING, oneOf("a"))),
        row("a union as a smaller one", union(INTEGER, NONE), union(INTEGER, STRING)),
        row("a union as one of its variants", union(INTEGER, NONE), INTEGER),
        row("none as a list", NONE, list(INTEGER)),
        row("a list of other elements", list(STRING), list(INTEGER)),
        row("a list of single unions as one of values", list(union(INTEGER)), list(INTEGER)),
        row("a value as a list", INTEGER, list(INTEGER)),
        row("a list as a map", list(INTEGER), map(INTEGER)),
        row("none as a map", NONE, map(INTEGER)),
        row("a blob of another format", blob("csv"), blob("parquet")),
        row("a string as a blob", STRING, blob("")),
        row("a schema with fewer columns", schema("a"), schema("a", "b")),
        row("none as a schema", NONE, schema()),
        row("a dataset in another format as a schema", dataset("csv"), schema()),
        row("a schema as a dataset in another format", schema(), dataset("csv")),
        row("a dataset in another format", dataset("parquet"), dataset("csv")),
        row("a dataset with fewer columns", dataset("csv", "a"), dataset("csv", "b")),
        row("a list as a dataset", list(INTEGER), dataset("")),
        row("a struct with fewer fields", struct(POINT), struct(POINT_IN_SPACE)),
        row("a struct with a field of another type", struct(POINT_OF_TEXT), struct(POINT)),
        row("a struct with too little in its depth", struct(TREE), struct(NAMED_TREE)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accepted")
  void accepts(String name, LiteralType upstream, LiteralType downstream) {
    assertThat(TypeCasting.castable(upstream, downstream)).as(name).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refuses(String name, LiteralType upstream, LiteralType downstream) {
    assertThat(TypeCasting.castable(upstream, downstream)).as(name).isFalse();
  }

  /** The kinds that each kind accepts; on the diagonal, the kind itself. */
  @ParameterizedTest
  @MethodSource("simpleTypes")
  void aSimpleTypeAcceptsItselfAlone(SimpleType type) {
    for (var other : simpleTypes().toList()) {
      assertThat(TypeCasting.castable(simple(other), simple(type)))
          .as("%s as %s", other, type)
          .isEqualTo(other == type);
    }
  }

  static Stream<SimpleType> simpleTypes() {
    return Stream.of(SimpleType.values()).filter(type -> type != SimpleType.UNRECOGNIZED);
  }

  private static Arguments row(String name, LiteralType upstream, LiteralType downstream) {
    return Arguments.of(name, upstream, downstream);
  }

  private static LiteralType described(LiteralType type) {
    var described = type.toBuilder();
    described.getAnnotationBuilder();
    described.getMetadataBuilder();
    return described.build();
  }

  private static LiteralType blob(String format) {
    return LiteralType.newBuilder().setBlob(BlobType.newBuilder().setFormat(format)).build();
  }

  private static LiteralType parts(String format) {
    return LiteralType.newBuilder()
        .setBlob(
            BlobType.newBuilder().setFormat(format).setDimensionality(BlobDimensionality.MULTIPART))
        .build();
  }

  private static LiteralType schema(String... columns) {
    var schema = SchemaType.newBuilder();
    for (var column : columns) {
      schema.addColumns(SchemaColumn.newBuilder().setName(column).setType(SchemaColumnType.FLOAT));
    }
    return LiteralType.newBuilder().setSchema(schema).build();
  }

  private static LiteralType dataset(String format, String... columns) {
    var dataset = StructuredDatasetType.newBuilder().setFormat(format);
    for (var column : columns) {
      dataset.addColumns(DatasetColumn.newBuilder().setName(column).setLiteralType(FLOAT));
    }
    return LiteralType.newBuilder().setStructuredDatasetType(dataset).build();
  }

  private static LiteralType struct(String jsonSchema) {
    var metadata = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(jsonSchema, metadata);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(jsonSchema, e);
    }
    return dataclass(Map.of()).toBuilder().setMetadata(metadata).build();
  }
}
