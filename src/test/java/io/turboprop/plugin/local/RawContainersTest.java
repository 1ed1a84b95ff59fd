package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.DataLoadingConfig;
import flyteidl.core.Types.BlobType;
import flyteidl.core.Types.BlobType.BlobDimensionality;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.plugin.container.LiteralFormatter;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RawContainersTest {
  private static final LiteralType STRING = simple(SimpleType.STRING);
  private static final LiteralType INTEGER = simple(SimpleType.INTEGER);

  @TempDir Path folder;
  private TestingPlugin plugin;

  @BeforeEach
  void start() throws Exception {
    plugin = new TestingPlugin(folder, "warm-workers = false");
  }

  @Test
  void inputsAndOutputsAreFilesInTheFoldersThatTheImageNames() throws Exception {
    var script =
        "tr a-z A-Z < /var/inputs/text > /var/outputs/loud; printf '  %s \\n' {{.inputs.n}}0"
            + " > /var/outputs/more.txt; ls /var/inputs > list; cat list";
    var inputs = Map.of("text", CommandTemplatesTest.string("abc"), "n", integer(4));
    var task = task(script, inputs, Map.of("loud", STRING, "more", INTEGER));

    assertThat(outputs(task))
        .isEqualTo(Map.of("loud", CommandTemplatesTest.string("ABC"), "more", integer(40)));
    assertThat(plugin.directory(task).standardOutput())
        .content()
        .contains("inputs.json", "inputs.pb", "text");
  }

  @Test
  void aFileIsUploadedBelowTheRawOutputs() throws Exception {
    var blob = BlobType.newBuilder().setFormat("csv");
    var task =
        task(
            "echo data > /var/outputs/table",
            Map.of(),
            Map.of("table", LiteralType.newBuilder().setBlob(blob).build()));

    var uri = output(task, "table").getScalar().getBlob().getUri();
    assertThat(uri).isEqualTo(task.rawOutputPrefix() + "/table");
    assertThat(Path.of(uri)).hasContent("data");
  }

  @Test
  void aFolderIsUploadedWithAllThatIsInIt() throws Exception {
    var blob = BlobType.newBuilder().setDimensionality(BlobDimensionality.MULTIPART);
    var task =
        task(
            "mkdir -p /var/outputs/d/e; echo x > /var/outputs/d/e/f",
            Map.of(),
            Map.of("d", LiteralType.newBuilder().setBlob(blob).build()));

    assertThat(Path.of(output(task, "d").getScalar().getBlob().getUri()).resolve("e/f"))
        .hasContent("x");
  }

  @Test
  void aBlobIsTheFileOfItsInput() throws Exception {
    var literal = Literal.newBuilder();
    var task = task("cat /var/inputs/file > /var/outputs/o", Map.of(), Map.of("o", STRING));
    var blob = task.store().base().child("given.txt");
    task.store().write(blob, ByteString.copyFromUtf8("content"));
    literal.getScalarBuilder().getBlobBuilder().setUri(blob.uri());
    var withFile =
        task(
            "cat /var/inputs/file > /var/outputs/o",
            Map.of("file", literal.build()),
            Map.of("o", STRING));

    assertThat(outputs(withFile).get("o")).isEqualTo(CommandTemplatesTest.string("content"));
  }

  @Test
  void aMissingOutputIsAFailure() throws Exception {
    var failed = (Failed) plugin.run(task("exit 0", Map.of(), Map.of("loud", STRING)));

    assertThat(failed.error().code()).isEqualTo("OutputUploadFailed");
    assertThat(failed.error().message()).contains("'loud'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ln -s /etc/passwd", "mkfifo", "truncate -s 4G"})
  void anOutputThatIsNoFileOfItsOwnIsAFailure(String how) throws Exception {
    var failed = (Failed) plugin.run(task(how + " /var/outputs/o", Map.of(), Map.of("o", STRING)));

    assertThat(failed.error().message()).contains("'o'").doesNotContain("root:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ln -s /etc/passwd", "mkfifo"})
  void aFolderIsUploadedOnlyIfAllInItAreFiles(String how) throws Exception {
    var blob = BlobType.newBuilder().setDimensionality(BlobDimensionality.MULTIPART);
    var type = Map.of("d", LiteralType.newBuilder().setBlob(blob).build());
    var failed =
        (Failed)
            plugin.run(task("mkdir /var/outputs/d; " + how + " /var/outputs/d/x", Map.of(), type));

    assertThat(failed.error().message()).contains("'d/x' is no regular file");
  }

  @Test
  void aContainerMaySayThatItFailed() throws Exception {
    var failed =
        (Failed) plugin.run(task("echo no disk > /var/outputs/_ERROR", Map.of(), Map.of()));

    assertThat(failed.error().message()).contains("User Error: no disk");
  }

  @Test
  void anExitCodeCountsBeforeOutputs() throws Exception {
    var failed = (Failed) plugin.run(task("exit 3", Map.of(), Map.of("loud", STRING)));

    assertThat(failed.error().message()).contains("exit code (3)");
  }

  @ParameterizedTest
  @CsvSource({
    "--in=/var/inputs, --in=W/in",
    "cat /var/inputs/x;, cat W/in/x;",
    "/var/inputs2/x, /var/inputs2/x",
    "/data/var/inputs, /data/var/inputs",
    "/var/inputs.csv, /var/inputs.csv",
    "from /var/inputs., from W/in.",
  })
  void onlyWholePathsAreReplaced(String before, String after) {
    var config = DataLoadingConfig.newBuilder().setInputPath("/var/inputs/").build();
    var folders = new RawFolders(config, new WorkDirectory(Path.of("W"), Path.of("L")));

    assertThat(folders.replaceIn(List.of(before))).containsExactly(after);
  }

  @ParameterizedTest
  @CsvSource({
    "INTEGER, 42, 42",
    "FLOAT, 1e3, 1000",
    "BOOLEAN, True, true",
    "STRING, ' a b ', a b",
    "DATETIME, 2023-11-14T23:13:20.5+01:00, 2023-11-14T22:13:20.5Z",
    "DURATION, 1h30m, seconds:5400",
    "DURATION, -1.5s, seconds:-1 nanos:-500000000",
    "DURATION, 0, ''",
  })
  void simpleValuesAreReadAsProgramsWriteThem(SimpleType type, String written, String meant)
      throws Exception {
    assertThat(LiteralFormatter.of(LiteralParser.parse("x", type, written + "\n")))
        .isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "INTEGER, 4.2",
    "FLOAT, x",
    "BOOLEAN, yes",
    "DATETIME, today",
    "DURATION, 5",
    "STRUCT, ["
  })
  void aTextOfAnotherTypeIsRefused(SimpleType type, String written) {
    assertThatThrownBy(() -> LiteralParser.parse("x", type, written))
        .isInstanceOf(RawOutputs.RawOutputException.class)
        .hasMessageContaining("output 'x'");
  }

  @Test
  void anInputsNameCannotLeadOutOfItsFolder() {
    var inputs = Literals.of(Map.of("../evil", integer(1)));
    var raw = new RawInputs(plugin.shell("a", "").store(), folder);

    assertThatThrownBy(() -> raw.write(inputs, DataLoadingConfig.LiteralMapFormat.PROTO))
        .isInstanceOf(TaskSpecificationException.class);
    assertThat(folder.resolveSibling("evil")).doesNotExist();
  }

  private Literal output(TestingTask task, String name) throws Exception {
    return Literals.of(outputs(task)).get(name).orElseThrow();
  }

  private Map<String, Literal> outputs(TestingTask task) throws Exception {
    var succeeded = (Succeeded) plugin.run(task);
    return ((Outputs.Inline) succeeded.outputs()).literals().map().getLiteralsMap();
  }

  private TestingTask task(
      String script, Map<String, Literal> inputs, Map<String, LiteralType> outputs) {
    var container =
        Container.newBuilder()
            .addAllCommand(List.of("sh", "-c", script))
            .setDataConfig(
                DataLoadingConfig.newBuilder()
                    .setEnabled(true)
                    .setInputPath("/var/inputs")
                    .setOutputPath("/var/outputs"));
    var template = TestingTask.template(container).toBuilder().setType("raw-container");
    outputs.forEach((name, type) ->
        template
            .getInterfaceBuilder()
            .getOutputsBuilder()
            .putVariables(name, Variable.newBuilder().setType(type).build()));
    return new TestingTask(plugin.store(), "a-n0-0", template.build(), Literals.of(inputs));
  }

  private static LiteralType simple(SimpleType type) {
    return LiteralType.newBuilder().setSimple(type).build();
  }

  private static Literal integer(long value) {
    return CommandTemplatesTest.integer(value);
  }
}
