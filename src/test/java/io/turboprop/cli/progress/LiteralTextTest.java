package io.turboprop.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Union;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;

class LiteralTextTest {

  @Test
  void plainValuesAreThemselves() {
    assertThat(LiteralText.of(integer(3))).isEqualTo("3");
    assertThat(LiteralText.of(scalar(Scalar.newBuilder().setPrimitive(text("a \"b\"")))))
        .isEqualTo("\"a \\\"b\\\"\"");
  }

  @Test
  void collectionsAndMapsAreJson() {
    var list =
        LiteralCollection.newBuilder().addLiterals(integer(1)).addLiterals(integer(2)).build();
    var map =
        LiteralMap.newBuilder()
            .putLiterals("b", Literal.newBuilder().setCollection(list).build())
            .putLiterals("a", Literal.getDefaultInstance())
            .build();

    assertThat(LiteralText.of(Literal.newBuilder().setMap(map).build()))
        .isEqualTo("{\"a\":null,\"b\":[1,2]}");
  }

  @Test
  void dataclassesAreObjects() throws IOException {
    try (var packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(1).packString("accuracy").packDouble(0.95);
      var packed = ByteString.copyFrom(packer.toByteArray());

      assertThat(LiteralText.of(binary("msgpack", packed))).isEqualTo("{\"accuracy\":0.95}");
    }
  }

  @Test
  void structsAreObjects() {
    var struct =
        Struct.newBuilder().putFields("x", Value.newBuilder().setBoolValue(true).build()).build();

    assertThat(LiteralText.of(scalar(Scalar.newBuilder().setGeneric(struct))))
        .isEqualTo("{\"x\":true}");
  }

  @Test
  void otherBytesAreOnlyCounted() {
    var bytes = ByteString.copyFromUtf8("xyz");

    assertThat(LiteralText.of(binary("pickle", bytes))).isEqualTo("\"<3 bytes>\"");
    assertThat(LiteralText.of(binary("msgpack", ByteString.copyFrom(new byte[] {(byte) 0xc1}))))
        .isEqualTo("\"<1 bytes>\"");
  }

  @Test
  void filesAreTheirAddressesAndUnionsTheirValues() {
    var file = scalar(Scalar.newBuilder().setBlob(Blob.newBuilder().setUri("s3://b/k")));
    var union = Scalar.newBuilder().setUnion(Union.newBuilder().setValue(file));

    assertThat(LiteralText.of(scalar(union))).isEqualTo("\"s3://b/k\"");
  }

  private static Literal integer(long value) {
    return scalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)));
  }

  private static Primitive text(String value) {
    return Primitive.newBuilder().setStringValue(value).build();
  }

  private static Literal binary(String tag, ByteString value) {
    return scalar(Scalar.newBuilder().setBinary(Binary.newBuilder().setTag(tag).setValue(value)));
  }

  private static Literal scalar(Scalar.Builder scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }
}
