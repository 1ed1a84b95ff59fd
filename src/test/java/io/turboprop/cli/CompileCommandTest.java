package io.turboprop.cli;

import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.bind;
import static io.turboprop.compiler.TestingDefinitions.task;
import static io.turboprop.compiler.TestingDefinitions.taskNode;
import static io.turboprop.compiler.TestingDefinitions.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import flyteidl.admin.TaskOuterClass.TaskSpec;
import flyteidl.core.WorkflowClosureOuterClass.WorkflowClosure;
import io.turboprop.compiler.TestingDefinitions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompileCommandTest {

  private record Run(int exitCode, String out, String err) {}

  @Test
  void oneWorkflowGivesOneDocument() throws Exception {
    var run = compile(fixture("compiled/kinds.inner.json"));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).at("/primary/template/nodes/0/id").asText())
        .isEqualTo("start-node");
  }

  @Test
  void severalWorkflowsGiveAnArray() throws Exception {
    var run = compile(fixture("kinds.tgz"));

    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out())).hasSize(12);
  }

  @Test
  void allErrorsGoToStandardErrorAndNothingElseIsPrinted(@TempDir Path folder) throws Exception {
    var step = task("step", Map.of("a", INTEGER), Map.of());
    var bad =
        WorkflowClosure.newBuilder()
            .setWorkflow(
                workflow(
                    taskNode("n0", "step", bind("a", "text")),
                    taskNode("n1", "step", bind("a", "text"))))
            .addTasks(step.getTemplate())
            .build();

    var run = compile(Files.write(folder.resolve("bad.pb"), bad.toByteArray()));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("workflow main does not compile:")
        .contains("Code: MismatchingTypes, Node Id: n0, Description: ")
        .contains("Code: MismatchingTypes, Node Id: n1, Description: ");
  }

  @Test
  void aTaskAloneIsCompiledToo(@TempDir Path folder) throws Exception {
    var task =
        TaskSpec.newBuilder()
            .setTemplate(task("alone", Map.of(), Map.of()).getTemplate().toBuilder())
            .build();

    var run = compile(Files.write(folder.resolve("alone.pb"), task.toByteArray()));

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).at("/template/id/name").asText())
        .isEqualTo("alone");
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

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(TestingDefinitions.class.getResource(name).toURI());
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
