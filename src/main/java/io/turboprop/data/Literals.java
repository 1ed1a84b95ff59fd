package io.turboprop.data;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import java.util.Map;
import java.util.Optional;

/** A map from variable name to literal, immutable and compared by value. */
public record Literals(LiteralMap map) {
  public static final Literals EMPTY = new Literals(LiteralMap.getDefaultInstance());

  public static Literals of(Map<String, Literal> literals) {
    return literals.isEmpty()
        ? EMPTY
        : new Literals(LiteralMap.newBuilder().putAllLiterals(literals).build());
  }

  /**
   * Reads a serialized {@code flyteidl.core.LiteralMap}; no bytes are an empty map.
   *
   * @throws IllegalArgumentException when the bytes are no literal map
   */
  public static Literals parse(ByteString bytes) {
    try {
      return bytes.isEmpty() ? EMPTY : new Literals(LiteralMap.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a LiteralMap: " + e.getMessage(), e);
    }
  }

  public Optional<Literal> get(String variable) {
    return Optional.ofNullable(map.getLiteralsMap().get(variable));
  }

  public ByteString bytes() {
    return map.toByteString();
  }

  public int sizeBytes() {
    return map.getSerializedSize();
  }

  public boolean isEmpty() {
    return map.getLiteralsCount() == 0;
  }
}
