package io.turboprop.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Union;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InputSearchTest {
  private static final LiteralMap INPUTS =
      LiteralMap.newBuilder()
          .putLiterals("size", literal(Primitive.newBuilder().setInteger(42)))
          .putLiterals("rate", literal(Primitive.newBuilder().setFloatValue(0.5)))
          .putLiterals("table", literal(Primitive.newBuilder().setStringValue("Sales=2026")))
          .putLiterals(
              "days",
              Literal.newBuilder()
                  .setCollection(
                      LiteralCollection.newBuilder()
                          .addLiterals(literal(Primitive.newBuilder().setStringValue("monday"))))
                  .build())
          .putLiterals(
              "options",
              scalar(
                  Scalar.newBuilder()
                      .setGeneric(
                          Struct.newBuilder()
                              .putFields(
                                  "solver", Value.newBuilder().setStringValue("newton").build()))))
          .putLiterals(
              "either",
              scalar(
                  Scalar.newBuilder()
                      .setUnion(
                          Union.newBuilder()
                              .setValue(literal(Primitive.newBuilder().setBoolean(true))))))
          .build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "42",
        "size=42",
        "0.5",
        "rate=0.50",
        "sales",
        "table=2026",
        "Sales=2026",
        "MONDAY",
        "newton",
        "true",
        "either=true"
      })
  void aValueIsFoundInAnyInputOrInTheNamedOne(String text) {
    assertThat(InputSearch.fits(text).test(INPUTS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4", "size=0.5", "rate=42", "tuesday", "false", "other=42", "days=sales"})
  void anotherValueIsNotFound(String text) {
    assertThat(InputSearch.fits(text).test(INPUTS)).isFalse();
  }

  private static Literal literal(Primitive.Builder primitive) {
    return scalar(Scalar.newBuilder().setPrimitive(primitive));
  }

  private static Literal scalar(Scalar.Builder scalar) {
    return Literal.newBuilder().setScalar(scalar).build();
  }
}
