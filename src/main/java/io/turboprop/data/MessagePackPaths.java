package io.turboprop.data;

import com.google.protobuf.ByteString;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.PromiseAttribute;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/**
 * Attribute paths inside a MessagePack value. Values are cut out of the bytes and never re-encoded,
 * so that they stay exactly as the task wrote them.
 */
final class MessagePackPaths {
  private static final BigInteger INTEGER_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  private MessagePackPaths() {}

  static Literal resolve(ByteString bytes, List<PromiseAttribute> path) throws BindingException {
    try {
      var current = bytes;
      for (var attribute : path) {
        current = descend(current, attribute);
      }
      return literal(current);
    } catch (MessagePackException | IOException e) {
      throw new BindingException("no readable MessagePack value: " + e.getMessage());
    }
  }

  private static ByteString descend(ByteString bytes, PromiseAttribute attribute)
      throws BindingException, IOException {
    try (var unpacker = unpacker(bytes)) {
      return switch (unpacker.getNextFormat().getValueType()) {
        case MAP -> value(unpacker, bytes, AttributePaths.key(attribute));
        case ARRAY ->
            AttributePaths.element(elements(unpacker, bytes), AttributePaths.index(attribute));
        case NIL, BOOLEAN, INTEGER, FLOAT, STRING, BINARY, EXTENSION ->
            throw new BindingException(
                AttributePaths.text(List.of(attribute)) + " needs a map or list; this is neither");
      };
    }
  }

  private static ByteString value(MessageUnpacker unpacker, ByteString bytes, String key)
      throws BindingException, IOException {
    var size = unpacker.unpackMapHeader();
    for (var entry = 0; entry < size; entry++) {
      var matches = matches(unpacker, key);
      var value = next(unpacker, bytes);
      if (matches) {
        return value;
      }
    }
    throw AttributePaths.noKey(key);
  }

  private static boolean matches(MessageUnpacker unpacker, String key) throws IOException {
    if (unpacker.getNextFormat().getValueType() == ValueType.STRING) {
      return unpacker.unpackString().equals(key);
    }
    unpacker.skipValue();
    return false;
  }

  private static List<ByteString> elements(MessageUnpacker unpacker, ByteString bytes)
      throws IOException {
    var size = unpacker.unpackArrayHeader();
    var elements = new ArrayList<ByteString>();
    for (var element = 0; element < size; element++) {
      elements.add(next(unpacker, bytes));
    }
    return elements;
  }

  private static ByteString next(MessageUnpacker unpacker, ByteString bytes) throws IOException {
    var begin = (int) unpacker.getTotalReadBytes();
    unpacker.skipValue();
    return bytes.substring(begin, (int) unpacker.getTotalReadBytes());
  }

  private static Literal literal(ByteString bytes) throws BindingException, IOException {
    try (var unpacker = unpacker(bytes)) {
      return switch (unpacker.getNextFormat().getValueType()) {
        case STRING -> primitive(Primitive.newBuilder().setStringValue(unpacker.unpackString()));
        case BOOLEAN -> primitive(Primitive.newBuilder().setBoolean(unpacker.unpackBoolean()));
        case INTEGER -> primitive(Primitive.newBuilder().setInteger(integer(unpacker)));
        case FLOAT -> primitive(Primitive.newBuilder().setFloatValue(unpacker.unpackDouble()));
        case ARRAY -> {
          var collection = LiteralCollection.newBuilder();
          elements(unpacker, bytes).forEach(element -> collection.addLiterals(binary(element)));
          yield Literal.newBuilder().setCollection(collection).build();
        }
        case MAP, NIL, BINARY, EXTENSION -> binary(bytes);
      };
    }
  }

  private static long integer(MessageUnpacker unpacker) throws BindingException, IOException {
    var integer = unpacker.unpackBigInteger();
    if (integer.compareTo(INTEGER_MAX) > 0) {
      throw new BindingException("the integer " + integer + " has more than 64 bits with its sign");
    }
    return integer.longValue();
  }

  private static Literal primitive(Primitive.Builder primitive) {
    return StructPaths.primitive(primitive);
  }

  private static Literal binary(ByteString bytes) {
    var binary = Binary.newBuilder().setTag(AttributePaths.MSGPACK).setValue(bytes);
    return Literal.newBuilder().setScalar(Scalar.newBuilder().setBinary(binary)).build();
  }

  private static MessageUnpacker unpacker(ByteString bytes) {
    return MessagePack.newDefaultUnpacker(bytes.toByteArray());
  }
}
