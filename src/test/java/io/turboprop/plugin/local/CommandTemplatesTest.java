package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Tasks.Container;
import io.turboprop.data.DataReference;
import io.turboprop.data.Literals;
import io.turboprop.plugin.container.CommandTemplates;
import io.turboprop.plugin.container.LiteralFormatter;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTemplatesTest {
  @TempDir Path folder;

  @Test
  void variablesAreFilledInRegardlessOfCase() throws Exception {
    var task = task(Map.of());

    assertThat(
            render(
                task,
                "{{.input}}",
                "{{ $OutputPrefix }}",
                "a={{.inputPrefix}}/x",
                "{{.RAWOUTPUTDATAPREFIX}}",
                "{{.checkpointOutputPrefix}}",
                "{{.perRetryUniqueKey}}",
                "{{.namespace}}"))
        .containsExactly(
            task.inputsFile().uri(),
            task.outputPrefix().uri(),
            "a=" + task.inputsFile().uri().replace("/inputs.pb", "") + "/x",
            task.rawOutputPrefix().uri(),
            task.rawOutputPrefix().uri() + "/_flytecheckpoints",
            "a_n0_0",
            "flytesnacks-development");
  }

  @Test
  void theTaskTemplateIsWrittenWhenItIsAskedFor() throws Exception {
    assertThat(Path.of(render(task(Map.of()), "{{.taskTemplatePath}}").getFirst())).isRegularFile();
  }

  @Test
  void aPreviousCheckpointIsNamedOnlyIfItWasWritten() throws Exception {
    var task = task(Map.of());
    assertThat(render(task, "{{.prevCheckpointPrefix}}")).containsExactly("\"\"");

    task.previousCheckpoints = Optional.of(new DataReference("/earlier"));
    assertThat(render(task, "{{.prevCheckpointPrefix}}")).containsExactly("/earlier");
  }

  @Test
  void unknownVariablesStay() throws Exception {
    assertThat(render(task(Map.of()), "{{.dest_dir}}", "", "{{}}", "${x}"))
        .containsExactly("{{.dest_dir}}", "", "{{}}", "${x}");
  }

  @Test
  void inputsAreValuesAndAreNotLookedThroughAgain() throws Exception {
    var task = task(Map.of("a", integer(7), "text", string("{{.input}} $1 {{.inputs.a}}")));

    assertThat(render(task, "{{.inputs.a}}x{{ .Inputs.a }}", "{{.inputs.text}}"))
        .containsExactly("7x7", "{{.input}} $1 {{.inputs.a}}");
  }

  @Test
  void anUnknownInputIsAnErrorOfTheTask() {
    assertThatThrownBy(() -> render(task(Map.of()), "{{.inputs.b}}"))
        .isInstanceOfSatisfying(
            TaskSpecificationException.class,
            e -> assertThat(e.code()).isEqualTo("FailedToBuildResource"))
        .hasMessageContaining("'b'");
  }

  @Test
  void aValueWithoutTextIsAnErrorOfTheTask() {
    var map = Literal.newBuilder().setMap(LiteralMap.getDefaultInstance()).build();

    assertThatThrownBy(() -> render(task(Map.of("m", map)), "{{.inputs.m}}"))
        .hasMessageContaining("input 'm'");
  }

  @Test
  void aListIsWrittenInBrackets() throws Exception {
    var list =
        Literal.newBuilder()
            .setCollection(
                LiteralCollection.newBuilder().addLiterals(integer(1)).addLiterals(integer(2)))
            .build();

    assertThat(LiteralFormatter.of(list)).isEqualTo("[1,2]");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "0.1, 0.1",
    "-2.5, -2.5",
    "100000000, 100000000",
    "1e20, 100000000000000000000",
    "1e21, 1e+21",
    "1.5e300, 1.5e+300",
    "0.0001, 0.0001",
    "0.00001, 1e-05",
    "0, 0",
    "-0.0, -0",
    "NaN, NaN",
    "Infinity, +Inf",
  })
  void aNumberIsWrittenWithTheShortestDigits(double value, String text) {
    assertThat(LiteralFormatter.number(value)).isEqualTo(text);
  }

  @Test
  void momentsAndDurationsHaveFlytesForm() throws Exception {
    var moment = Primitive.newBuilder();
    moment.getDatetimeBuilder().setSeconds(1_700_000_000).setNanos(500_000_000);
    var duration = Primitive.newBuilder();
    duration.getDurationBuilder().setSeconds(5);

    assertThat(LiteralFormatter.of(moment.build())).isEqualTo("2023-11-14T22:13:20.5Z");
    assertThat(LiteralFormatter.of(duration.build())).isEqualTo("seconds:5");
  }

  @ParameterizedTest
  @CsvSource({"abc-n0-0, abc_n0_0", "9-x, ax", "123, a", "a--b, a_b"})
  void aUniqueKeyIsAnIdentifier(String name, String key) {
    assertThat(CommandTemplates.uniqueKey(name)).isEqualTo(key);
  }

  @Test
  void aLocalReferenceIsAPlainPath() {
    assertThat(CommandTemplates.path(new DataReference("file:///data/x"))).isEqualTo("/data/x");
    assertThat(CommandTemplates.path(new DataReference("s3://data/x"))).isEqualTo("s3://data/x");
  }

  private static List<String> render(TestingTask task, String... arguments) throws Exception {
    return new CommandTemplates(task, "flytesnacks-development").render(List.of(arguments));
  }

  private TestingTask task(Map<String, Literal> inputs) {
    var template = TestingTask.template(Container.newBuilder());
    return new TestingTask(folder, "a-n0-0", template, Literals.of(inputs));
  }

  static Literal integer(long value) {
    return literal(Primitive.newBuilder().setInteger(value));
  }

  static Literal string(String value) {
    return literal(Primitive.newBuilder().setStringValue(value));
  }

  private static Literal literal(Primitive.Builder primitive) {
    return Literal.newBuilder().setScalar(Scalar.newBuilder().setPrimitive(primitive)).build();
  }
}
