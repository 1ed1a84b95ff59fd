package io.turboprop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionId;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayCommandTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void withoutDataOfAnEngineItRefusesAndLeavesNothingBehind() {
    assertThat(replay("--data=" + folder, "f3a1c0ffee")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("turboprop: there is no data of an engine in " + folder)
        .contains("--data");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anExecutionIsNamedWithOrWithoutItsProject() {
    assertThat(new GivenExecution().convert("f3a1c0ffee"))
        .isEqualTo(new ExecutionId("flytesnacks", "development", "f3a1c0ffee"));
    assertThat(new GivenExecution().convert("science/staging/f3a1c0ffee"))
        .isEqualTo(new ExecutionId("science", "staging", "f3a1c0ffee"))
        .isEqualTo(new GivenExecution().convert("science:staging:f3a1c0ffee"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "staging:a",
        "staging/a",
        "a/b/c/d",
        "a:b:c:d",
        "a//b",
        ":b:c",
        "a/b/",
        "",
        "a/b:c",
        "a:b/c",
        "a/b/c:d"
      })
  void aNameOfAnotherShapeIsWrongUsage(String name) {
    assertThat(replay("--data=" + folder, name)).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "'"
                + name
                + "' names no execution: say NAME, PROJECT/DOMAIN/NAME or PROJECT:DOMAIN:NAME");
  }

  @Test
  void itHasNoFlagsOfAnEngineThatIsStarted() {
    assertThat(replay("--help")).isZero();
    assertThat(out.toString())
        .contains("--data=", "--config=")
        .doesNotContain("--port", "--python");
  }

  @Test
  void noPythonIsNeeded() throws IOException {
    var settings = Files.createDirectory(folder.resolve("settings")).resolve("settings.conf");
    Files.writeString(settings, PythonSetting.NAME + " = /nonexistent");

    assertThat(replay("--config=" + settings, "--data=" + folder.resolve("data"), "a"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("no data of an engine").doesNotContain("Python");
  }

  private int replay(String... arguments) {
    var line = new String[arguments.length + 1];
    line[0] = "replay";
    System.arraycopy(arguments, 0, line, 1, arguments.length);
    return TurbopropCommand.commandLine(_ -> new TestingEngine())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(line);
  }
}
