package io.turboprop.data;

import static io.turboprop.data.TestingLiterals.binary;
import static io.turboprop.data.TestingLiterals.bool;
import static io.turboprop.data.TestingLiterals.generic;
import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.data.TestingLiterals.map;
import static io.turboprop.data.TestingLiterals.number;
import static io.turboprop.data.TestingLiterals.offloaded;
import static io.turboprop.data.TestingLiterals.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.PromiseAttribute;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;

class AttributePathsTest {
  private static final String ELSEWHERE = "/elsewhere/literal.pb";

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  void aPathLeadsToItsValue(
      String name, Literal start, List<PromiseAttribute> path, Literal expected) throws Exception {
    assertThat(AttributePaths.resolve(start, path, AttributePathsTest::load)).isEqualTo(expected);
  }

  static Stream<Arguments> paths() throws IOException {
    var nested = map(Map.of("a", list(integer(1), map(Map.of("b", text("x"))))));
    var packed = binary("msgpack", packedMap());
    var struct = generic(struct("{\"a\":{\"b\":[1,true,\"s\",null,{\"c\":2}]}}"));
    return Stream.of(
        row("no path", nested, path(), nested),
        row("no path into a binary", packed, path(), packed),
        row("a key", nested, path("a"), list(integer(1), map(Map.of("b", text("x"))))),
        row("key, index, key", nested, path("a", 1, "b"), text("x")),
        row("a plain scalar has no inside", integer(1), path("a", 0), integer(1)),
        row("a literal with no value", Literal.getDefaultInstance(), path("a"), none()),
        row("an offloaded list", offloaded(ELSEWHERE), path(1), integer(20)),
        row(
            "inside a map, offloaded",
            map(Map.of("a", offloaded(ELSEWHERE))),
            path("a", 0),
            integer(10)),
        row(
            "the last one stays offloaded",
            map(Map.of("a", offloaded(ELSEWHERE))),
            path("a"),
            offloaded(ELSEWHERE)),
        row("packed integer", packed, path("integer"), integer(-7)),
        row("packed float", packed, path("float"), number(1.5)),
        row("packed double", packed, path("double"), number(0.1)),
        row("packed string", packed, path("string"), text("é")),
        row("packed bool", packed, path("bool"), bool(true)),
        row("packed nil", packed, path("nil"), binary("msgpack", bytes(MessagePacker::packNil))),
        row("packed map", packed, path("map"), binary("msgpack", smallMap())),
        row(
            "packed list",
            packed,
            path("list"),
            list(
                binary("msgpack", bytes(p -> p.packInt(5))),
                binary("msgpack", bytes(p -> p.packFloat(2.5f))))),
        row("packed list element", packed, path("list", 0), integer(5)),
        row("packed, two keys", packed, path("map", "k"), integer(9)),
        row("through a map literal", map(Map.of("o", packed)), path("o", "integer"), integer(-7)),
        row(
            "a packed primitive at the end",
            list(binary("msgpack", bytes(p -> p.packInt(5)))),
            path(0),
            integer(5)),
        row("struct number", struct, path("a", "b", 0), number(1)),
        row("struct bool", struct, path("a", "b", 1), bool(true)),
        row("struct string", struct, path("a", "b", 2), text("s")),
        row("struct null", struct, path("a", "b", 3), none()),
        row("struct in struct", struct, path("a", "b", 4), generic(struct("{\"c\":2}"))),
        row("struct beyond a primitive", struct, path("a", "b", 2, "more"), text("s")),
        row(
            "struct list",
            struct,
            path("a", "b"),
            list(number(1), bool(true), text("s"), none(), generic(struct("{\"c\":2}")))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("errors")
  void aPathThatLeadsNowhereSaysWhy(
      String name, Literal start, List<PromiseAttribute> path, String message) {
    assertThatThrownBy(() -> AttributePaths.resolve(start, path, AttributePathsTest::load))
        .isInstanceOf(BindingException.class)
        .hasMessageContaining(message);
  }

  static Stream<Arguments> errors() throws IOException {
    var packed = binary("msgpack", packedMap());
    var struct = generic(struct("{\"a\":[1]}"));
    var huge = binary("msgpack", bytes(p -> p.packBigInteger(BigInteger.ONE.shiftLeft(63))));
    return Stream.of(
        row("no such key", map(Map.of()), path("a"), "no key 'a'"),
        row("index too large", list(integer(1)), path(1), "index 1 is outside a list of 1"),
        row("negative index", list(integer(1)), path(-1), "index -1 is outside"),
        row("key on a list", list(integer(1)), path("a"), ".a needs a map"),
        row("index on a map", map(Map.of("", integer(1))), path(0), "[0] needs a list"),
        row("offloaded and lost", offloaded("/lost"), path("a"), "/lost is not there"),
        row("packed, no such key", packed, path("nothing"), "no key 'nothing'"),
        row("packed, index too large", packed, path("list", 2), "index 2 is outside a list of 2"),
        row("packed, negative index", packed, path("list", -1), "index -1"),
        row("packed, key on a list", packed, path("list", "a"), ".a needs a map"),
        row("packed, index on a map", packed, path(0), "[0] needs a list"),
        row("packed, inside a primitive", packed, path("integer", "a"), "this is neither"),
        row("packed, too big an integer", list(huge), path(0), "9223372036854775808"),
        row(
            "packed, broken",
            binary("msgpack", bytes(p -> p.packMapHeader(1))),
            path("a"),
            "MessagePack"),
        row("packed, empty", binary("msgpack", ByteString.EMPTY), path("a"), "MessagePack"),
        row("another tag", binary("pickle", ByteString.EMPTY), path("a"), "tag 'pickle'"),
        row("struct, no such key", struct, path("b"), "no key 'b'"),
        row("struct, index too large", struct, path("a", 1), "index 1 is outside a list of 1"),
        row("struct, negative index", struct, path("a", -1), "index -1"),
        row("struct, index on a map", struct, path(0), "[0] needs a list"));
  }

  @Test
  void aPathIsWrittenAsInCode() {
    assertThat(AttributePaths.text(path("a", 3, "b"))).isEqualTo(".a[3].b");
  }

  static List<PromiseAttribute> path(Object... attributes) {
    return Arrays.stream(attributes)
        .map(attribute ->
            attribute instanceof Integer index
                ? PromiseAttribute.newBuilder().setIntValue(index).build()
                : PromiseAttribute.newBuilder().setStringValue((String) attribute).build())
        .toList();
  }

  private static Arguments row(Object... arguments) {
    return Arguments.of(arguments);
  }

  private static Literal none() {
    return Literal.getDefaultInstance();
  }

  private static Literal load(DataReference reference) throws BindingException {
    if (!reference.uri().equals(ELSEWHERE)) {
      throw new BindingException(reference + " is not there");
    }
    return list(integer(10), integer(20));
  }

  private static Struct struct(String json) throws IOException {
    var struct = Struct.newBuilder();
    JsonFormat.parser().merge(json, struct);
    return struct.build();
  }

  private static ByteString packedMap() throws IOException {
    return bytes(packer -> {
      packer.packMapHeader(9);
      packer.packInt(1).packString("a key that is no string");
      packer.packString("integer").packInt(-7);
      packer.packString("float").packFloat(1.5f);
      packer.packString("double").packDouble(0.1);
      packer.packString("string").packString("é");
      packer.packString("bool").packBoolean(true);
      packer.packString("nil").packNil();
      packer.packString("map").writePayload(smallMap().toByteArray());
      packer.packString("list").packArrayHeader(2).packInt(5).packFloat(2.5f);
    });
  }

  private static ByteString smallMap() throws IOException {
    return bytes(packer -> packer.packMapHeader(1).packString("k").packInt(9));
  }

  private static ByteString bytes(Packing packing) throws IOException {
    try (var packer = MessagePack.newDefaultBufferPacker()) {
      packing.pack(packer);
      return ByteString.copyFrom(packer.toByteArray());
    }
  }

  @FunctionalInterface
  private interface Packing {
    void pack(MessagePacker packer) throws IOException;
  }
}
