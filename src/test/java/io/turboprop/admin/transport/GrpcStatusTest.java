package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.rpc.DebugInfo;
import com.google.rpc.Status;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import io.grpc.Status.Code;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcStatusTest {
  @ParameterizedTest
  @ValueSource(strings = {"node n%d: an error", "Knoten %d: ein Fehler, größer als üblich €😀"})
  void aLongListIsCutAtALineAndSaysHowManyAreMissing(String line) {
    var lines =
        IntStream.range(0, 2000).mapToObj(line::formatted).collect(Collectors.joining("\n"));
    var whole = status(lines);
    var cut = GrpcStatus.fitting(whole).getMessage();
    var kept = cut.lines().count() - 1;
    assertThat(kept).isBetween(30L, 200L);
    assertThat(cut).startsWith(lines.substring(0, 200));
    assertThat(cut).endsWith("\n… and " + (2000 - kept) + " more lines; REST gives the whole");
  }

  @Test
  void aLongLineIsCutToo() {
    assertThat(GrpcStatus.fitting(status("x".repeat(20_000))).getMessage())
        .hasSizeBetween(2_000, 6_000)
        .matches("(?s)x+\n… and \\d+ more characters; REST gives the whole");
    assertThat(GrpcStatus.fitting(status("😀".repeat(20_000))).getMessage())
        .matches("(?s)(😀)+\n… and \\d+ more characters; REST gives the whole");
  }

  @Test
  void detailsThatDoNotFitAreLeftOut() {
    var detail = DebugInfo.newBuilder().setDetail("x".repeat(10_000)).build();
    var status =
        status("short").toBuilder().addDetails(com.google.protobuf.Any.pack(detail)).build();
    assertThat(GrpcStatus.fitting(status)).isEqualTo(status("short"));
  }

  @Test
  void aShortRefusalIsSentAsItIs() {
    assertThat(GrpcStatus.fitting(status("short"))).isEqualTo(status("short"));
  }

  @Test
  void restHasAMessageOfAnyLengthInItsDetails() throws Exception {
    var message = "ä".repeat(50_000);
    var status = Errors.status(AdminException.invalidArgument(message));
    assertThat(status.getMessage()).contains("… and 34000 more characters");
    assertThat(status.getDetails(0).unpack(DebugInfo.class).getDetail()).isEqualTo(message);
    assertThat(GrpcStatus.fitting(status).getMessage()).endsWith("REST gives the whole");
  }

  @ParameterizedTest
  @MethodSource
  void valuesThatJsonCannotExpressAreRefusedWithTheirField(Value value, String reason) {
    assertThatThrownBy(() -> RequestValues.check(nested(value)))
        .isInstanceOf(AdminException.class)
        .hasMessageStartingWith("invalid value for literals.value.scalar.generic.")
        .hasMessageContaining(reason);
  }

  static Stream<Arguments> valuesThatJsonCannotExpressAreRefusedWithTheirField() {
    return Stream.of(
        Arguments.of(number(Double.NaN), "NaN"),
        Arguments.of(number(1 / 0.0), "Infinity"),
        Arguments.of(text("a\0b"), "NUL"),
        Arguments.of(text("\ud800"), "surrogate"),
        Arguments.of(text("x\udc00\ud800"), "surrogate"));
  }

  @ParameterizedTest
  @MethodSource
  void timesOutOfRangeAreRefused(Message message) {
    assertThatThrownBy(() -> RequestValues.check(message)).isInstanceOf(AdminException.class);
  }

  static Stream<Message> timesOutOfRangeAreRefused() {
    return Stream.of(
        Timestamp.newBuilder().setSeconds(9_000_000_000_000L).build(),
        Timestamp.newBuilder().setNanos(-1).build(),
        Duration.newBuilder().setSeconds(400_000_000_000L).build(),
        Duration.newBuilder().setSeconds(1).setNanos(-1).build());
  }

  @Test
  void ordinaryValuesPass() {
    RequestValues.check(nested(text("ä€😀\n\t")));
    RequestValues.check(nested(number(-1.5e300)));
  }

  private static Message nested(Value value) {
    var struct =
        Struct.newBuilder()
            .putFields(
                "a",
                Value.newBuilder()
                    .setListValue(com.google.protobuf.ListValue.newBuilder().addValues(value))
                    .build());
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().setGeneric(struct);
    return LiteralMap.newBuilder().putLiterals("x", literal.build()).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Status status(String message) {
    return Status.newBuilder().setCode(Code.INVALID_ARGUMENT.value()).setMessage(message).build();
  }
}
