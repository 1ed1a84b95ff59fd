package io.turboprop.data;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.data.TestingLiterals.map;
import static io.turboprop.data.TestingLiterals.offloaded;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Schema;
import flyteidl.core.Literals.StructuredDataset;
import flyteidl.core.Literals.Union;
import flyteidl.core.Types.BlobType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainUrisTest {
  @TempDir private Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource("literals")
  void everyUriInALiteralIsMadePlain(String name, Function<String, Literal> literal) {
    assertThat(plain(literal.apply("file:///data/x"))).isEqualTo(literal.apply("/data/x"));
    assertThat(plain(literal.apply("s3://data/x"))).isEqualTo(literal.apply("s3://data/x"));
  }

  static Stream<Arguments> literals() {
    return Stream.of(
        row("a blob", PlainUrisTest::blob),
        row(
            "a schema",
            uri -> scalar(Scalar.newBuilder().setSchema(Schema.newBuilder().setUri(uri)))),
        row(
            "a structured dataset",
            uri ->
                scalar(
                    Scalar.newBuilder()
                        .setStructuredDataset(StructuredDataset.newBuilder().setUri(uri)))),
        row(
            "a union",
            uri -> scalar(Scalar.newBuilder().setUnion(Union.newBuilder().setValue(blob(uri))))),
        row("an offloaded literal", uri -> offloaded(uri)),
        row("in a list", uri -> list(integer(1), blob(uri))),
        row("in a map", uri -> map(Map.of("k", blob(uri)))),
        row("with a hash", uri -> blob(uri).toBuilder().setHash("h").build()));
  }

  private static Arguments row(String name, Function<String, Literal> literal) {
    return Arguments.of(name, literal);
  }

  private static Literal plain(Literal literal) {
    try {
      return PlainUris.in(Literals.of(Map.of("x", literal)), new MemoryDataStore())
          .get("x")
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://bucket/a/folder", "gs://bucket/folder", "http://host/folder"})
  void aFolderElsewhereIsLeftUnread(String uri) throws IOException {
    var store = FolderDataStore.open(folder, List.of(), false);
    var stores = new DataStores(store.base(), Map.of("file", store));
    assertThat(PlainUris.in(Literals.of(Map.of("x", directory(uri))), stores).get("x"))
        .contains(directory(uri));
  }

  @Test
  void aFolderOfTheMachineThatTheStoreMayNotReadIsLeftUnread() throws IOException {
    var store = FolderDataStore.open(folder.resolve("data"), List.of(), false);
    var elsewhere = Files.writeString(folder.resolve("file"), "x").toString();
    assertThat(PlainUris.in(Literals.of(Map.of("x", directory(elsewhere))), store).get("x"))
        .contains(directory(elsewhere));
  }

  private static Literal directory(String uri) {
    var blob = Blob.newBuilder().setUri(uri);
    blob.getMetadataBuilder()
        .getTypeBuilder()
        .setDimensionality(BlobType.BlobDimensionality.MULTIPART);
    return scalar(Scalar.newBuilder().setBlob(blob));
  }

  private static Literal blob(String uri) {
    return scalar(Scalar.newBuilder().setBlob(Blob.newBuilder().setUri(uri)));
  }

  private static Literal scalar(Scalar.Builder scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }
}
