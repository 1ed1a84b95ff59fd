package io.turboprop.data;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.LiteralOffloadedMetadata;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import java.util.Arrays;
import java.util.Map;

/** Short methods that make literals for tests. */
public final class TestingLiterals {
  private TestingLiterals() {}

  public static Literal integer(long value) {
    return scalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(value)));
  }

  public static Literal number(double value) {
    return scalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setFloatValue(value)));
  }

  public static Literal text(String value) {
    return scalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setStringValue(value)));
  }

  public static Literal bool(boolean value) {
    return scalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setBoolean(value)));
  }

  public static Literal binary(String tag, ByteString value) {
    return scalar(Scalar.newBuilder().setBinary(Binary.newBuilder().setTag(tag).setValue(value)));
  }

  public static Literal generic(Struct value) {
    return scalar(Scalar.newBuilder().setGeneric(value));
  }

  public static Literal list(Literal... elements) {
    return Literal.newBuilder()
        .setCollection(LiteralCollection.newBuilder().addAllLiterals(Arrays.asList(elements)))
        .build();
  }

  public static Literal map(Map<String, Literal> entries) {
    return Literal.newBuilder().setMap(LiteralMap.newBuilder().putAllLiterals(entries)).build();
  }

  public static Literal offloaded(String uri) {
    return Literal.newBuilder()
        .setOffloadedMetadata(LiteralOffloadedMetadata.newBuilder().setUri(uri))
        .build();
  }

  private static Literal scalar(Scalar.Builder scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }
}
