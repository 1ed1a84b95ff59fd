package io.turboprop.admin.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlan;
import flyteidl.admin.TaskOuterClass.Task;
import flyteidl.admin.WorkflowOuterClass.Workflow;
import flyteidl.core.Literals.Literal;
import io.grpc.Status.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with protobuf's own JSON, which is correct, but neither bounded nor complete. */
class JsonTest {
  private static final List<Message> TYPES =
      List.of(
          Task.getDefaultInstance(),
          Workflow.getDefaultInstance(),
          LaunchPlan.getDefaultInstance(),
          Execution.getDefaultInstance(),
          ExecutionCreateRequest.getDefaultInstance());

  @Test
  void writtenJsonIsReadByProtobuf() throws IOException {
    for (var seed = 0; seed < 200; seed++) {
      var message = random(seed);
      for (var snakeCase : new boolean[] {true, false}) {
        var read = message.newBuilderForType();
        JsonFormat.parser().merge(written(message, snakeCase), read);
        assertThat(read.build()).describedAs("seed %d", seed).isEqualTo(message);
      }
    }
  }

  @Test
  void protobufsJsonIsRead() throws IOException {
    for (var seed = 0; seed < 200; seed++) {
      var message = random(seed);
      var printer = JsonFormat.printer().preservingProtoFieldNames();
      assertThat(read(printer.print(message), message.newBuilderForType()))
          .describedAs("seed %d", seed)
          .isEqualTo(message);
      assertThat(read(written(message, false), message.newBuilderForType()))
          .describedAs("seed %d", seed)
          .isEqualTo(message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"scalar":{"primitive":{"integer":12}}}            | integer: 12
          {"scalar":{"primitive":{"integer":"12"}}}          | integer: 12
          {"scalar":{"primitive":{"integer":1.2e1}}}         | integer: 12
          {"scalar":{"primitive":{"floatValue":"NaN"}}}      | float_value: NaN
          {"scalar":{"primitive":{"float_value":3}}}         | float_value: 3.0
          {"scalar":{"primitive":{"boolean":"true"}}}        | boolean: true
          {"scalar":{"primitive":{"datetime":"2026-01-31T12:00:00.5Z"}}} | nanos: 500000000
          {"scalar":{"primitive":{"duration":"1.5s"}}}       | nanos: 500000000
          {"scalar":{"generic":{"a":[null,1,{"b":true}]}}}   | null_value: NULL_VALUE
          {"scalar":null}                                    | ~~
          """)
  void valuesAreReadAsTheMappingSays(String json, String text) {
    assertThat(read(json, Literal.newBuilder()).toString()).contains(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"scalar":{"primitive":{"integer":1.5}}}         | at /scalar/primitive/integer: 1.5 is no value for it: not a whole number
          {"scalar":{"primitive":{"integer":1e999999999}}} | not in -9223372036854775808 to
          {"scalar":{"primitive":{"floatValue":1e999}}}    | out of range
          {"scalar":{"primitive":{"datetime":"300000-01-01T00:00:00Z"}}} | not a time
          {"scalar":{"primitive":{"duration":"999999999999s"}}} | not a duration
          {"scalar":{"primitive":{"boolean":2}}}           | neither true nor false
          {"scalar":{"primitive":[]}}                      | an object is expected, not a list
          {"scalar":{"primitive":{"integer":1,"boolean":true}}} | another field is given too
          {"scalar":{"primitive":{"integer":1,"integer":1}}} | given twice
          {"hash":1} x                                     | no JSON at line 1
          {"hash":"x                                       | ends too early
          {"hash":                                         | ends too early
          {} {}                                            | something follows
          """)
  void valuesThatDoNotFitAreNamedWithTheirField(String json, String message) {
    assertThatThrownBy(() -> read(json, Literal.newBuilder()))
        .isInstanceOfSatisfying(
            AdminException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
              assertThat(refused.getMessage())
                  .startsWith("malformed request body: ")
                  .contains(message)
                  .doesNotContain("Exception", "com.", "`");
            });
  }

  @Test
  void aNumberOfManyDigitsIsRefusedWithoutBeingRead() {
    var digits = "9".repeat(4_000_000);
    for (var number : List.of(digits, '"' + digits + '"', "0." + digits, "1e" + digits)) {
      org.junit.jupiter.api.Assertions.assertTimeout(
          Duration.ofSeconds(5),
          () ->
              assertThatThrownBy(() ->
                      read(
                          "{\"scalar\":{\"primitive\":{\"integer\":" + number + "}}}",
                          Literal.newBuilder()))
                  .hasMessageContaining("100"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"collection\":{\"literals\":[", "{\"scalar\":{\"generic\":{\"a\":["})
  void manyOrDeepValuesAreRefused(String head) {
    var many = "{},".repeat(JsonReader.VALUES_MAX + 1);
    assertThatThrownBy(() -> read(head + many, Literal.newBuilder()))
        .hasMessageContaining("more than 1000000 values");
    assertThatThrownBy(() -> read(head + "[".repeat(200_000), Literal.newBuilder()))
        .hasMessageContaining("malformed request body");
    assertThatThrownBy(() -> read("{\"x\":" + "[".repeat(200_000), Literal.newBuilder()))
        .hasMessageContaining("nested deeper than 100");
  }

  @Test
  void valuesThatJsonCannotExpressAreStillWritten() throws IOException {
    var literal = Literal.newBuilder();
    var scalar = literal.getScalarBuilder();
    scalar
        .getGenericBuilder()
        .putFields("nan", number(Double.NaN))
        .putFields("inf", number(-1 / 0.0));
    assertThat(written(literal.build(), false))
        .contains("\"nan\":\"NaN\"", "\"inf\":\"-Infinity\"");
    var late = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build();
    assertThat(written(late, false)).isEqualTo("\"9999-12-31T23:59:59Z\"\n");
    var long5 = com.google.protobuf.Duration.newBuilder().setSeconds(Long.MIN_VALUE).build();
    assertThat(written(long5, false)).isEqualTo("\"-315576000000s\"\n");
  }

  private static com.google.protobuf.Value number(double number) {
    return com.google.protobuf.Value.newBuilder().setNumberValue(number).build();
  }

  private static Message random(int seed) {
    var random = new Random(seed);
    var builder = TYPES.get(seed % TYPES.size()).newBuilderForType();
    new RandomMessages(random, 50).fill(builder);
    return builder.build();
  }

  private static String written(Message message, boolean snakeCase) throws IOException {
    var out = new ByteArrayOutputStream();
    JsonWriter.write(message, snakeCase, out);
    return out.toString(UTF_8);
  }

  private static Message read(String json, Message.Builder into) {
    JsonReader.read(new ByteArrayInputStream(json.getBytes(UTF_8)), into, true, _ -> {});
    return into.build();
  }
}
