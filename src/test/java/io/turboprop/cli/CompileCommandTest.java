package io.turboprop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.turboprop.Shared;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompileCommandTest {

  private record Run(int exitCode, String out, String err) {}

  @Test
  void oneWorkflowGivesOneDocument() throws Exception {
    var run = compile(Shared.path("fixtures/packages/valid-package.tgz"));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).at("/primary/template/nodes/0/id").asText())
        .isEqualTo("start-node");
  }

  @Test
  void severalWorkflowsGiveAnArray() throws Exception {
    var run = compile(Shared.path("fixtures/packages/launchplan-in-wf.tgz"));

    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out())).hasSize(2);
  }

  @Test
  void allErrorsGoToStandardErrorAndNothingElseIsPrinted() {
    var run = compile(Shared.path("fixtures/packages/bad-workflow-package.tgz"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("workflow example.example.wf3 does not compile:")
        .contains("Code: MismatchingTypes, Node Id: n0, Description: ");
  }

  @Test
  void aTaskAloneIsCompiledToo() throws Exception {
    var run =
        compile(Shared.path("fixtures/compiler/111_core.flyte_basics.hello_world.say_hello_1.pb"));

    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).at("/template/id/name").asText())
        .isEqualTo("core.flyte_basics.hello_world.say_hello");
  }

  @Test
  void aFileThatCannotBeUnderstoodIsNamed(@TempDir Path folder) throws Exception {
    var file = Files.writeString(folder.resolve("a.pb"), "no message");

    var run = compile(file);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith(file + ": is no serialised task, workflow or launch plan");
  }

  @Test
  void theHelpSaysHowAPackageIsMade() {
    var run = compile("--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains(
            "pyflyte --pkgs PACKAGE package --image IMAGE -f -o flyte-package.tgz",
            "turboprop compile flyte-package.tgz");
  }

  private static Run compile(Path file) {
    return compile(file.toString());
  }

  private static Run compile(String argument) {
    var out = new StringWriter();
    var err = new StringWriter();
    var exitCode =
        new CommandLine(new CompileCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(argument);
    return new Run(exitCode, out.toString(), err.toString());
  }
}
