package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flyteidl.core.Errors.ErrorDocument;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Tasks.Container;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests real flytekit tasks in forks of a real worker. */
@Tag("integration")
class WarmWorkersTest {
  private static final String CODE =
      """
      import os, random, subprocess, sys, tempfile, time
      from flytekit import current_context, task
      from flytekit.core.context_manager import FlyteContextManager

      @task
      def greet(name: str) -> str:
          print("greeting", name, flush=True)
          return f"Hello, {name}!"

      @task
      def fail(name: str) -> str:
          raise ValueError(f"no {name}")

      @task
      def leave(name: str) -> str:
          sys.exit(int(name))

      @task
      def wait(name: str) -> str:
          while os.path.exists(name):
              time.sleep(0.01)
          return "waited"

      def link_of(descriptor: str) -> str:
          path = f"/proc/self/fd/{descriptor}"
          return os.readlink(path) if os.path.lexists(path) else ""

      @task
      def look(name: str) -> str:
          scratch = FlyteContextManager.current_context().file_access.get_random_local_path()
          seen = [os.getcwd(), os.environ["HOME"], tempfile.gettempdir(), scratch, random.random(),
                  os.getpid() == os.getsid(0), sys.stdin.read(),
                  [link for link in map(link_of, os.listdir("/proc/self/fd")) if "pipe" in link], sorted(os.environ),
                  current_context().execution_id.name]
          return repr(seen)
      """;

  @TempDir Path folder;
  private TestingPlugin plugin;
  private Path archive;

  @BeforeEach
  void start() throws Exception {
    plugin = new TestingPlugin(folder, settings(""));
    archive = TestingArchives.tarGz(folder.resolve("fast0123.tar.gz"), Map.of("code.py", CODE));
  }

  private static String settings(String more) {
    var python = TestingPlugin.python();
    assumeTrue(python.isPresent(), "no Python with flytekit: run deploy/python-env");
    return "python-environment = \"" + python.orElseThrow() + "\", " + more;
  }

  @AfterEach
  void endWorkers() {
    workers().forEach(ProcessHandle::destroyForcibly);
  }

  private Stream<ProcessHandle> workers() {
    return ProcessHandle.current()
        .children()
        .filter(handle ->
            handle
                .info()
                .arguments()
                .map(arguments -> List.of(arguments).toString().contains("worker.py"))
                .orElse(false));
  }

  @Test
  void aTaskReturnsItsOutputs() throws Exception {
    var task = task("a-n0-0", "greet", "Ada");

    assertThat(plugin.run(task)).isInstanceOf(Succeeded.class);
    assertThat(output(task)).isEqualTo("Hello, Ada!");
    assertThat(plugin.directory(task).standardOutput()).content().contains("greeting Ada\n");
    assertThat(workers()).hasSize(1);
  }

  @Test
  void withoutWorkersTheSameHappensInAPlainProcess() throws Exception {
    plugin = new TestingPlugin(folder, settings("warm-workers = false"));
    var task = task("a-n0-0", "greet", "Ada");

    assertThat(plugin.run(task)).isInstanceOf(Succeeded.class);
    assertThat(output(task)).isEqualTo("Hello, Ada!");
    assertThat(workers()).isEmpty();
  }

  @Test
  void anErrorOfTheCodeIsInItsErrorFile() throws Exception {
    var task = task("a-n0-0", "fail", "luck");

    assertThat(plugin.run(task)).isInstanceOf(Succeeded.class);
    var error = ErrorDocument.parseFrom(Files.readAllBytes(task.outputFile("error.pb")));
    assertThat(error.getError().getMessage()).contains("no luck");
  }

  @Test
  void anExitCodeIsTheTasksOwn() throws Exception {
    var failed = (Failed) plugin.run(task("a-n0-0", "leave", "3"));

    assertThat(failed.error().code()).isEqualTo("Error");
    assertThat(failed.error().message()).contains("exit code (3)");
  }

  @Test
  void aTaskInAWorkerSeesWhatATaskInANewProcessSees() throws Exception {
    var one = task("a-n0-0", "look", "");
    var two = task("a-n1-0", "look", "");
    plugin.run(one);
    plugin.run(two);

    var directory = plugin.directory(one);
    assertThat(output(one))
        .contains("'" + directory.current() + "', '" + directory.root() + "'")
        .contains("'" + directory.temporary() + "/flyte")
        .contains("True, '', [], ['FLYTE_ATTEMPT_NUMBER'")
        .contains("'abc']")
        .doesNotContain("OPENBLAS");
    assertThat(randomNumber(one)).isNotEqualTo(randomNumber(two));
  }

  @Test
  void abortEndsATask() throws Exception {
    var gate = Files.createFile(folder.resolve("gate"));
    var task = task("a-n0-0", "wait", gate.toString());
    var state = plugin.start(task);
    plugin.abort(task, state);

    assertThat(LocalProcess.parse(state).orElseThrow().isAlive()).isFalse();
    plugin.finish(task, state);
    assertThat(plugin.directory(task).root()).doesNotExist();
  }

  @Test
  void aTaskOutlivesItsWorkerAndTheNextTaskIsPlain() throws Exception {
    var gate = Files.createFile(folder.resolve("gate"));
    var task = task("a-n0-0", "wait", gate.toString());
    var state = plugin.start(task);
    var worker = workers().findFirst().orElseThrow();
    worker.destroyForcibly();
    worker.onExit().join();

    var next = task("a-n1-0", "greet", "Eve");
    assertThat(plugin.run(next)).isInstanceOf(Succeeded.class);
    Files.delete(gate);
    assertThat(plugin.end(task, state)).isInstanceOf(Succeeded.class);
    assertThat(output(task)).isEqualTo("waited");
  }

  @Test
  void aTaskOutlivesItsEngine() throws Exception {
    var gate = Files.createFile(folder.resolve("gate"));
    var task = task("a-n0-0", "wait", gate.toString());
    var state = plugin.start(task);

    var next = new TestingPlugin(folder, settings(""));
    var later = task.again();
    assertThat(next.handle(later, state)).isInstanceOf(Running.class);
    Files.delete(gate);
    assertThat(next.end(later, state)).isInstanceOf(Succeeded.class);
    assertThat(output(later)).isEqualTo("waited");
  }

  @Test
  void aWorkerIsReplacedWhenSomethingIsInstalled() throws Exception {
    var environment = environmentOnTopOf(TestingPlugin.python().orElseThrow());
    plugin = new TestingPlugin(folder, "python-environment = \"" + environment + "\"");
    plugin.run(task("a-n0-0", "greet", "Ada"));
    var first = workers().toList();

    try (var files = Files.walk(environment)) {
      var packages = files.filter(file -> file.endsWith("site-packages")).findFirst().orElseThrow();
      Files.createDirectory(packages.resolve("installed"));
    }
    var task = task("a-n1-0", "greet", "Eve");

    assertThat(plugin.run(task)).isInstanceOf(Succeeded.class);
    first.getFirst().onExit().get(60, TimeUnit.SECONDS);
    assertThat(workers()).hasSize(1).doesNotContainAnyElementsOf(first);
  }

  /** A virtual environment that sees the packages of another one. */
  private Path environmentOnTopOf(Path python) throws Exception {
    var given = python.resolve("../..").normalize();
    assumeTrue(Files.exists(given.resolve("pyvenv.cfg")), given + " is no virtual environment");
    var fresh = Files.createDirectories(folder.resolve("environment"));
    Files.copy(given.resolve("pyvenv.cfg"), fresh.resolve("pyvenv.cfg"));
    Files.createDirectory(fresh.resolve("bin"));
    Files.createSymbolicLink(fresh.resolve("bin/python3"), python.toRealPath());
    try (var files = Files.walk(given, 3)) {
      var packages = files.filter(file -> file.endsWith("site-packages")).findFirst().orElseThrow();
      var own = Files.createDirectories(fresh.resolve(given.relativize(packages)));
      Files.writeString(own.resolve("given.pth"), packages + "\n");
    }
    return fresh;
  }

  @Test
  void anEnvironmentWithoutFlytekitHasNoWorkerAndSaysSoInTheResult() throws Exception {
    var bare = Files.createDirectories(folder.resolve("bare"));
    Files.writeString(bare.resolve("python3"), "#!/bin/sh\nexit 1\n");
    assertThat(bare.resolve("python3").toFile().setExecutable(true)).isTrue();
    plugin = new TestingPlugin(folder, "python-environment = \"" + bare + "\"");

    var failed = (Failed) plugin.run(task("a-n0-0", "greet", "Ada"));

    assertThat(failed.error().message()).contains("exit code (127)", "pyflyte-execute");
  }

  private TestingTask task(String attempt, String function, String name) {
    var container =
        Container.newBuilder()
            .addAllArgs(List.of("pyflyte-fast-execute", "--additional-distribution"))
            .addAllArgs(List.of(archive.toString(), "--dest-dir", "/root", "--"))
            .addAllArgs(List.of("pyflyte-execute", "--inputs", "{{.input}}"))
            .addAllArgs(List.of("--output-prefix", "{{.outputPrefix}}"))
            .addAllArgs(List.of("--raw-output-data-prefix", "{{.rawOutputDataPrefix}}"))
            .addAllArgs(List.of("--checkpoint-path", "{{.checkpointOutputPrefix}}"))
            .addAllArgs(List.of("--prev-checkpoint", "{{.prevCheckpointPrefix}}", "--resolver"))
            .addArgs("flytekit.core.python_auto_container.default_task_resolver")
            .addAllArgs(List.of("--", "task-module", "code", "task-name", function));
    var literal =
        Literal.newBuilder()
            .setScalar(
                Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setStringValue(name)))
            .build();
    return new TestingTask(
        plugin.store(),
        attempt,
        TestingTask.template(container),
        Literals.of(Map.of("name", literal)));
  }

  private static String randomNumber(TestingTask task) throws Exception {
    return output(task).split(", ", -1)[4];
  }

  private static String output(TestingTask task) throws Exception {
    var outputs = LiteralMap.parseFrom(Files.readAllBytes(task.outputFile("outputs.pb")));
    return outputs.getLiteralsOrThrow("o0").getScalar().getPrimitive().getStringValue();
  }
}
