package io.turboprop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TurbopropCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void standardOutputHasOneLineOnceTheEngineServes() {
    var code = run(_ -> TestingEngine.stoppedOne(), "dev");

    assertThat(code).isZero();
    assertThat(out.toString().lines()).containsExactly("ready " + TestingEngine.ENDPOINT);
  }

  @Test
  void aCommandThatIsNamedIsTheOnlyOneThatIsRead() {
    var all = TurbopropCommand.commandLine(_ -> new TestingEngine()).getSubcommands().keySet();
    assertThat(all).contains("dev", "server", "help");
    for (var name : all) {
      var read = TurbopropCommand.commandLine(_ -> new TestingEngine(), name).getSubcommands();
      assertThat(read.keySet()).isEqualTo(name.equals("help") ? all : Set.of(name));
    }
  }

  @Test
  void helpNamesAllCommands() {
    assertThat(run(_ -> new TestingEngine(), "--help")).isZero();
    assertThat(out.toString()).contains("dev").contains("unpark").contains("replay");
    assertThat(run(_ -> new TestingEngine(), "help", "unpark")).isZero();
  }

  @Test
  void theCommandEndsWhenTheEngineHasStopped() {
    assertThat(run(_ -> TestingEngine.stoppedOne(), "server")).isZero();
  }

  @Test
  void anEngineThatHasStoppedByItselfIsAnError() {
    var engine = new TestingEngine();
    engine.stopped().completeExceptionally(new IOException("the disk is full"));

    assertThat(run(_ -> engine, "dev")).isEqualTo(1);
    assertThat(err.toString()).contains("the engine has stopped").contains("the disk is full");
  }

  @Test
  void whyAnEngineCannotStartIsSaidWithoutAStackTrace() {
    var code =
        run(
            _ -> {
              throw new IOException("another process uses the folder");
            },
            "dev");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("turboprop: another process uses the folder");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aRehearsalThatFailsSaysWhy() {
    assertThat(run(_ -> new TestingEngine(), "dev", "--rehearse=1")).isEqualTo(1);
    assertThat(err.toString()).contains("UNAVAILABLE");
  }

  @Test
  void flagsBecomeSettings(@TempDir Path python) throws IOException {
    program(Files.createDirectory(python.resolve("bin")).resolve("python"));
    var options = new AtomicReference<EngineOptions>();

    run(
        given -> {
          options.set(given);
          return TestingEngine.stoppedOne();
        },
        "dev",
        "--port=0",
        "--data=/tmp/some where",
        "--python=" + python);

    assertThat(options.get().port()).isZero();
    assertThat(options.get().directory()).isEqualTo(Path.of("/tmp/some where"));
    assertThat(options.get().config().getString(PythonSetting.NAME)).isEqualTo(python.toString());
  }

  @Test
  void tasksBecomePodsOfTheClusterThatAFlagNames() {
    var options = new AtomicReference<EngineOptions>();

    run(
        given -> {
          options.set(given);
          return TestingEngine.stoppedOne();
        },
        "dev",
        "--kubernetes=/tmp/kube",
        "--namespace=flyte-{{ domain }}",
        "--store=s3://bucket/dev");

    var turboprop = options.get().config().getConfig("turboprop");
    assertThat(turboprop.getString("tasks.plugins.python-task")).isEqualTo("pod");
    assertThat(turboprop.getString("tasks.default-plugin")).isEqualTo("pod");
    assertThat(turboprop.getString("plugins.pod.kubeconfig")).isEqualTo("/tmp/kube");
    assertThat(turboprop.getString("plugins.pod.namespace")).isEqualTo("flyte-{{ domain }}");
    assertThat(turboprop.getString("data.base")).isEqualTo("s3://bucket/dev");
  }

  @Test
  void aNamespaceNeedsACluster() {
    run(_ -> TestingEngine.stoppedOne(), "dev", "--namespace=a");

    assertThat(err.toString()).contains("--namespace is of use with --kubernetes only");
  }

  @Test
  void aPythonEnvironmentWithoutFlytekitIsWarnedOf(@TempDir Path python) throws IOException {
    var programs = Files.createDirectory(python.resolve("bin"));
    program(programs.resolve("python"));
    run(_ -> TestingEngine.stoppedOne(), "dev", "--python=" + python);
    assertThat(err.toString())
        .contains("warning: the Python environment '" + python + "' has no flytekit");

    err.getBuffer().setLength(0);
    program(programs.resolve("pyflyte-execute"));
    run(_ -> TestingEngine.stoppedOne(), "dev", "--python=" + python);
    assertThat(err.toString()).doesNotContain("flytekit");
  }

  private static void program(Path file) throws IOException {
    assertThat(Files.createFile(file).toFile().setExecutable(true)).isTrue();
  }

  @Test
  void aWrongFlagIsExplainedInTheLastLines() {
    assertThat(run(_ -> new TestingEngine(), "dev", "--prot=1")).isEqualTo(2);
    assertThat(err.toString().lines().toList())
        .hasSizeLessThan(10)
        .last()
        .isEqualTo("turboprop: Unknown option: '--prot=1'");
    assertThat(err.toString()).contains("[--port=PORT]", "turboprop dev --help");
  }

  @Test
  void anEmptyPathIsRefused() {
    for (var flag : List.of("--data=", "--python=", "--config=")) {
      assertThat(run(_ -> new TestingEngine(), "dev", flag)).isEqualTo(2);
      assertThat(err.toString()).contains("a path must not be empty");
    }
  }

  @Test
  void aPlaceWithoutPythonIsRefused() {
    assertThat(run(_ -> new TestingEngine(), "dev", "--python=/nonexistent")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no Python environment at '/nonexistent'");
  }

  @Test
  void aFilesExceptionIsPutIntoWords() {
    var code =
        run(
            _ -> {
              throw new IOException("can't keep data in /x", new AccessDeniedException("/x"));
            },
            "dev");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("turboprop: can't keep data in /x", "  because: no permission for /x");
  }

  @Test
  void helpTeachesWithExamples() {
    assertThat(run(_ -> new TestingEngine(), "--help")).isZero();
    assertThat(out.toString()).contains("dev", "server", "demo", "compile", "pyflyte run --remote");
  }

  private int run(Engine.Starter starter, String... arguments) {
    return TurbopropCommand.commandLine(starter, arguments)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
