package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.*;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.BlobMetadata;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.LiteralOffloadedMetadata;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Schema;
import flyteidl.core.Literals.StructuredDataset;
import flyteidl.core.Literals.Union;
import flyteidl.core.Types.BlobType;
import flyteidl.core.Types.Error;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SchemaType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.StructuredDatasetType;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LiteralTypesTest {

  static Stream<Arguments> known() {
    return Stream.of(
        row("an integer", literal(integer(1)), INTEGER),
        row("a float", primitive(Primitive.newBuilder().setFloatValue(1)), FLOAT),
        row("a string", literal(string("a")), STRING),
        row("a boolean", primitive(Primitive.newBuilder().setBoolean(true)), BOOLEAN),
        row(
            "a moment",
            primitive(Primitive.newBuilder().setDatetime(Timestamp.getDefaultInstance())),
            simple(SimpleType.DATETIME)),
        row(
            "a duration",
            primitive(Primitive.newBuilder().setDuration(Duration.getDefaultInstance())),
            simple(SimpleType.DURATION)),
        row("none", literal(none()), NONE),
        row(
            "a blob",
            scalar(
                Scalar.newBuilder()
                    .setBlob(
                        Blob.newBuilder()
                            .setMetadata(
                                BlobMetadata.newBuilder()
                                    .setType(BlobType.newBuilder().setFormat("csv"))))),
            LiteralType.newBuilder().setBlob(BlobType.newBuilder().setFormat("csv")).build()),
        row("MessagePack", binary("msgpack"), STRUCT),
        row("other bytes", binary("other"), simple(SimpleType.BINARY)),
        row(
            "a schema",
            scalar(Scalar.newBuilder().setSchema(Schema.getDefaultInstance())),
            LiteralType.newBuilder().setSchema(SchemaType.getDefaultInstance()).build()),
        row(
            "a dataset",
            scalar(
                Scalar.newBuilder().setStructuredDataset(StructuredDataset.getDefaultInstance())),
            LiteralType.newBuilder()
                .setStructuredDatasetType(StructuredDatasetType.getDefaultInstance())
                .build()),
        row(
            "an error",
            scalar(Scalar.newBuilder().setError(Error.getDefaultInstance())),
            simple(SimpleType.ERROR)),
        row(
            "a struct",
            scalar(Scalar.newBuilder().setGeneric(Struct.getDefaultInstance())),
            STRUCT),
        row("a union's value", unionValue(INTEGER), union(INTEGER)),
        row("an empty list", literals(), list(NONE)),
        row("a list", literals(literal(integer(1)), literal(integer(2))), list(INTEGER)),
        row(
            "a mixed list, in textual order",
            literals(literal(string("a")), literal(integer(1))),
            list(union(INTEGER, STRING))),
        row(
            "a list of lists, one empty",
            literals(literals(), literals(literal(integer(1)))),
            list(list(INTEGER))),
        row("a list of empty lists", literals(literals(), literals()), list(list(NONE))),
        row(
            "a list of unions of one type",
            literals(unionValue(INTEGER), unionValue(INTEGER)),
            list(union(INTEGER))),
        row(
            "a list of unions of several",
            literals(unionValue(INTEGER), unionValue(STRING)),
            list(union(INTEGER, STRING))),
        row(
            "a map",
            Literal.newBuilder()
                .setMap(LiteralMap.newBuilder().putLiterals("a", literal(integer(1))))
                .build(),
            map(INTEGER)),
        row(
            "an offloaded literal",
            Literal.newBuilder()
                .setOffloadedMetadata(
                    LiteralOffloadedMetadata.newBuilder().setInferredType(list(STRING)))
                .build(),
            list(STRING)));
  }

  static Stream<Arguments> unknown() {
    return Stream.of(
        Arguments.of("nothing", Literal.getDefaultInstance()),
        Arguments.of("an empty scalar", literal(Scalar.getDefaultInstance())),
        Arguments.of("an empty primitive", primitive(Primitive.newBuilder())),
        Arguments.of(
            "a blob without metadata",
            scalar(Scalar.newBuilder().setBlob(Blob.getDefaultInstance()))),
        Arguments.of(
            "a list with one such", literals(literal(integer(1)), Literal.getDefaultInstance())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("known")
  void infers(String name, Literal literal, LiteralType expected) {
    assertThat(LiteralTypes.infer(literal)).as(name).contains(expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unknown")
  void cannotTell(String name, Literal literal) {
    assertThat(LiteralTypes.infer(literal)).as(name).isEmpty();
  }

  private static Arguments row(String name, Literal literal, LiteralType expected) {
    return Arguments.of(name, literal, expected);
  }

  private static Literal scalar(Scalar.Builder scalar) {
    return literal(scalar.build());
  }

  private static Literal primitive(Primitive.Builder primitive) {
    return scalar(Scalar.newBuilder().setPrimitive(primitive));
  }

  private static Literal binary(String tag) {
    return scalar(Scalar.newBuilder().setBinary(Binary.newBuilder().setTag(tag)));
  }

  private static Literal unionValue(LiteralType type) {
    return scalar(Scalar.newBuilder().setUnion(Union.newBuilder().setType(type)));
  }
}
