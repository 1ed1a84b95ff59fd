package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.ParameterMap;
import flyteidl.core.Literals.Binary;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.SimpleType;
import io.turboprop.admin.transport.AdminException;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class InputRulesTest {
  private static final String BEGINNING = "invalid x input wrong type. Expected INTEGER, but got ";

  @Test
  void aValueOfTheWrongTypeIsSaidWithItsType() {
    assertThat(refusalOf(text("three"))).isEqualTo(BEGINNING + "STRING: \"three\"");
    assertThat(refusalOf(list(text("a"), text("b"))))
        .isEqualTo(BEGINNING + "[STRING]: [\"a\", \"b\"]");
    assertThat(refusalOf(map("a", text("b"))))
        .isEqualTo(BEGINNING + "{STRING: STRING}: {\"a\": \"b\"}");
    assertThat(refusalOf(binary(7))).isEqualTo(BEGINNING + "STRUCT: 7 bytes");
  }

  @Test
  void ofALongValueOnlyTheBeginningIsSaid() {
    assertThat(refusalOf(text("a".repeat(1000))))
        .isEqualTo(BEGINNING + "STRING: \"" + "a".repeat(98) + "…");
    assertThat(refusalOf(list(Collections.nCopies(1000, text("😀")).toArray(Literal[]::new))))
        .startsWith(BEGINNING + "[STRING]: [\"😀\", \"😀\"")
        .endsWith("…")
        .satisfies(message ->
            assertThat(message.codePoints().skip((BEGINNING + "[STRING]: ").length()))
                .hasSize(100));
  }

  @Test
  void aTimeOutsideOfTheCalendarIsSaidToo() {
    var moment = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE);

    assertThat(refusalOf(primitive(Primitive.newBuilder().setDatetime(moment))))
        .isEqualTo(BEGINNING + "DATETIME: seconds: 9223372036854775807");
  }

  private static String refusalOf(Literal given) {
    var expected = Parameter.newBuilder().setRequired(true);
    expected.getVarBuilder().getTypeBuilder().setSimple(SimpleType.INTEGER);
    return catchThrowableOfType(
            AdminException.class,
            () ->
                InputRules.merge(
                    LiteralMap.newBuilder().putLiterals("x", given).build(),
                    ParameterMap.newBuilder().putParameters("x", expected.build()).build(),
                    LiteralMap.getDefaultInstance()))
        .getMessage();
  }

  private static Literal text(String value) {
    return primitive(Primitive.newBuilder().setStringValue(value));
  }

  private static Literal primitive(Primitive.Builder value) {
    return Literal.newBuilder().setScalar(Scalar.newBuilder().setPrimitive(value)).build();
  }

  private static Literal list(Literal... elements) {
    var list = LiteralCollection.newBuilder();
    for (var element : elements) {
      list.addLiterals(element);
    }
    return Literal.newBuilder().setCollection(list).build();
  }

  private static Literal map(String key, Literal value) {
    return Literal.newBuilder().setMap(LiteralMap.newBuilder().putLiterals(key, value)).build();
  }

  private static Literal binary(int size) {
    var value = Binary.newBuilder().setTag("msgpack").setValue(ByteString.copyFrom(new byte[size]));
    return Literal.newBuilder().setScalar(Scalar.newBuilder().setBinary(value)).build();
  }
}
