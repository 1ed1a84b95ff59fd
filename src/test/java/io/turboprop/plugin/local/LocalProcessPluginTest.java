package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalProcessPluginTest {
  private static final String PLAIN = "warm-workers = false, slots = 2, ";

  @TempDir Path folder;
  private TestingPlugin plugin;

  @BeforeEach
  void start() throws Exception {
    plugin = new TestingPlugin(folder, PLAIN + "abort-grace = 300ms");
  }

  @Test
  void aCommandThatEndsWellSucceedsWithTheFilesItWrote() throws Exception {
    var task = plugin.shell("a-n0-0", "echo hello; echo {{.outputPrefix}} $FROM_EXECUTION");

    assertThat(plugin.run(task))
        .isInstanceOfSatisfying(
            Succeeded.class,
            succeeded -> assertThat(succeeded.outputs()).isEqualTo(new Outputs.Files()));
    assertThat(plugin.directory(task).standardOutput())
        .hasContent("hello\n" + task.outputPrefix() + " yes");
  }

  @Test
  void aRunningAttemptShowsWhereItsLogsAre() throws Exception {
    var task = plugin.shell("a-n0-0", "exit 0");
    var running = (Running) plugin.handle(task, ByteString.EMPTY);

    assertThat(running.phase()).isEqualTo(TaskPhase.RUNNING);
    assertThat(running.version()).isEqualTo(1);
    assertThat(running.info().logs().getFirst().getUri())
        .isEqualTo("http://127.0.0.1:8089/logs/flytesnacks/development/abc/a-n0-0/stdout.log");
    plugin.end(task, running.state());
  }

  @Test
  void theEndOfAnAttemptSaysWhenItsOwnCodeBegan() throws Exception {
    var file = plugin.directory(plugin.shell("a-n0-0", "")).root().resolve("code_began");

    var ended = plugin.run(plugin.shell("a-n0-0", "echo 1767225600000001 > " + file));

    assertThat(ended.info().customInfo().orElseThrow().getFieldsOrThrow(TaskInfo.CODE_BEGAN_AT))
        .isEqualTo(Value.newBuilder().setStringValue("2026-01-01T00:00:00.000001Z").build());
  }

  @Test
  void anAttemptThatDoesNotSayWhenItsOwnCodeBeganHasNoSuchTime() throws Exception {
    var file = plugin.directory(plugin.shell("a-n0-0", "")).root().resolve("code_began");

    var ended = plugin.run(plugin.shell("a-n0-0", "echo now > " + file));

    assertThat(ended.info().customInfo()).isEmpty();
  }

  @Test
  void onlyTheLogsStay() throws Exception {
    var task = plugin.shell("a-n0-0", "touch rubbish; echo text");
    plugin.run(task);

    var directory = plugin.directory(task);
    assertThat(directory.root()).doesNotExist();
    assertThat(directory.standardOutput()).hasContent("text");
  }

  @ParameterizedTest
  @CsvSource({
    "1, USER, Error, true",
    "3, USER, Error, true",
    "126, USER, BadTaskSpecification, false",
    "127, USER, BadTaskSpecification, false",
    "137, USER, Interrupted, true",
    "143, USER, Interrupted, true",
    "241, USER, Interrupted, true",
    "247, USER, Interrupted, true",
  })
  void anExitCodeSaysWhoIsAtFault(
      int exitCode, ExecutionError.Kind kind, String code, boolean recoverable) throws Exception {
    var failed = (Failed) plugin.run(plugin.shell("a-n0-0", "exit " + exitCode));

    assertThat(failed.error().kind()).isEqualTo(kind);
    assertThat(failed.error().code()).isEqualTo(code);
    assertThat(failed.recoverable()).isEqualTo(recoverable);
  }

  @Test
  void aFailureQuotesTheEndOfStandardError() throws Exception {
    var failed = (Failed) plugin.run(plugin.shell("a-n0-0", "echo 'no disk left' >&2; exit 3"));

    assertThat(failed.error().message())
        .isEqualTo(
            "[a-n0-0] terminated with exit code (3). Reason [Error]. Message: \nno disk left\n.");
  }

  @Test
  void anErrorThatTheTaskHasWrittenSaysMoreThanItsExitCode() throws Exception {
    var script = "mkdir -p {{.outputPrefix}}; touch {{.outputPrefix}}/error.pb; exit 1";

    assertThat(plugin.run(plugin.shell("a-n0-0", script))).isInstanceOf(Succeeded.class);
  }

  @Test
  void aSignalThatNeitherTheKernelNorTheEngineHasSentIsTheTasksOwnAffair() throws Exception {
    var failed = (Failed) plugin.run(plugin.shell("a-n0-0", "kill -9 $$"));

    assertThat(failed.error().code()).isEqualTo("Interrupted");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.USER);
    assertThat(failed.recoverable()).isTrue();
  }

  @Test
  void aCommandThatIsNotThereFailsForGood() throws Exception {
    var failed = (Failed) plugin.run(command("no-such-command-anywhere"));

    assertThat(failed.error().code()).isEqualTo("BadTaskSpecification");
    assertThat(failed.recoverable()).isFalse();
  }

  @Test
  void aTaskWithoutAnythingToRunFailsForGood() throws Exception {
    var nothing = TaskTemplate.newBuilder().setType("sensor").build();
    var sensor = new TestingTask(plugin.store(), "a-n0-0", nothing, Literals.EMPTY);

    assertThat(((Failed) plugin.run(sensor)).error().code()).isEqualTo("BadTaskSpecification");
    assertThat(((Failed) plugin.run(command())).error().code()).isEqualTo("BadTaskSpecification");
  }

  @Test
  void argumentsArriveAsTheyAreEmptyOnesToo() throws Exception {
    var task = command("printf", "%s|", "", "a b", "$HOME", "*", "'\"");
    plugin.run(task);

    assertThat(plugin.directory(task).standardOutput()).hasContent("|a b|$HOME|*|'\"|");
  }

  @Test
  void abortEndsTheWholeTree() throws Exception {
    var script = "sleep 1000 & (trap '' TERM; sleep 1001 & wait) & echo $! > pid; wait";
    var task = plugin.shell("a-n0-0", script);
    var state = plugin.start(task);
    var process = LocalProcess.parse(state).orElseThrow();
    var stubborn = awaitNumber(plugin.directory(task).current().resolve("pid"));
    assertThat(ProcessHandle.of(stubborn)).isPresent();

    plugin.abort(task, state);

    assertThat(process.isAlive()).isFalse();
    assertThat(LocalProcess.current(stubborn).isAlive()).isFalse();
    plugin.finish(task, state);
    assertThat(plugin.directory(task).root()).doesNotExist();
  }

  @Test
  void abortOfAnAttemptThatHasNotStartedIsDoneAtOnce() throws Exception {
    var task = plugin.shell("a-n0-0", "exit 0");

    plugin.abort(task, ByteString.EMPTY);
    plugin.finish(task, ByteString.EMPTY);
    plugin.finish(task, ByteString.EMPTY);
  }

  @Test
  void childProcessesOfATaskEndWithIt() throws Exception {
    var task = plugin.shell("a-n0-0", "sleep 1000 >/dev/null 2>&1 & echo $!");
    plugin.run(task);

    var left = awaitNumber(plugin.directory(task).standardOutput());
    awaitEnd(LocalProcess.current(left));
  }

  @Test
  void aProcessOutlivesTheEngineAndTheNextEngineNoticesItsEnd() throws Exception {
    var gate = Files.createFile(folder.resolve("gate"));
    var task = plugin.shell("a-n0-0", "while [ -e " + gate + " ]; do sleep 0.01; done; exit 5");
    var state = plugin.start(task);

    var next = new TestingPlugin(folder, PLAIN);
    var later = task.again();
    assertThat(next.handle(later, state)).isInstanceOf(Running.class);
    Files.delete(gate);

    assertThat(((Failed) next.end(later, state)).error().message()).contains("exit code (5)");
  }

  @Test
  void anAttemptThatWasStartedButNotRecordedIsNotStartedAgain() throws Exception {
    var started = folder.resolve("started");
    var gate = Files.createFile(folder.resolve("gate"));
    var script = "echo x >> %s; while [ -e %s ]; do sleep 0.01; done".formatted(started, gate);
    var task = plugin.shell("a-n0-0", script);
    plugin.start(task);
    awaitContent(started);

    var next = new TestingPlugin(folder, PLAIN);
    var later = task.again();
    var state = next.start(later);
    Files.delete(gate);

    assertThat(next.end(later, state)).isInstanceOf(Succeeded.class);
    assertThat(started).hasContent("x");
  }

  @Test
  void aResultFromBeforeTheEnginesDeathIsFound() throws Exception {
    var task = plugin.shell("a-n0-0", "exit 4");
    var state = plugin.start(task);
    task.awaitNews();

    var failed = (Failed) new TestingPlugin(folder, PLAIN).handle(task.again(), state);

    assertThat(failed.error().message()).contains("exit code (4)");
  }

  @Test
  void aProcessThatEndsWithoutAnExitCodeIsAFaultOfThePlatform() throws Exception {
    var task = plugin.shell("a-n0-0", "echo $$; exec sleep 1000");
    var state = plugin.start(task);
    var child = LocalProcess.current(awaitNumber(plugin.directory(task).standardOutput()));
    var supervisor = ProcessHandle.of(LocalProcess.parse(state).orElseThrow().pid()).orElseThrow();
    supervisor.destroyForcibly();

    var failed = (Failed) plugin.end(task, state);

    assertThat(failed.error().code()).isEqualTo("ResourceDeletedExternally");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.SYSTEM);
    assertThat(failed.recoverable()).isTrue();
    plugin.finish(task, state);
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void moreTasksThanSlotsWaitAndAreNotifiedInOrder() throws Exception {
    var gate = Files.createFile(folder.resolve("gate"));
    var script = "while [ -e " + gate + " ]; do sleep 0.01; done";
    var first = plugin.shell("a-n0-0", script);
    var second = plugin.shell("a-n1-0", script);
    var third = plugin.shell("a-n2-0", "exit 0");
    var firstState = plugin.start(first);
    var secondState = plugin.start(second);

    var waiting = (Running) plugin.handle(third, ByteString.EMPTY);
    assertThat(waiting.phase()).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    assertThat(waiting.version()).isZero();
    assertThat(third.hasNews()).isFalse();

    plugin.abort(first, firstState);
    plugin.finish(first, firstState);
    third.awaitNews();
    assertThat(plugin.end(third, waiting.state())).isInstanceOf(Succeeded.class);
    Files.delete(gate);
    assertThat(plugin.end(second, secondState)).isInstanceOf(Succeeded.class);
  }

  @Test
  void anEagerTaskNeedsNoSlot() throws Exception {
    var gate = Files.createFile(folder.resolve("gate"));
    var script = "while [ -e " + gate + " ]; do sleep 0.01; done";
    var first = plugin.shell("a-n0-0", script);
    var second = plugin.shell("a-n1-0", script);
    var firstState = plugin.start(first);
    var secondState = plugin.start(second);
    var shell = plugin.shell("a-n2-0", "exit 0");
    var template = shell.template().toBuilder();
    template.getMetadataBuilder().setIsEager(true);
    var eager = new TestingTask(plugin.store(), "a-n2-0", template.build(), Literals.EMPTY);

    assertThat(plugin.end(eager, ByteString.EMPTY)).isInstanceOf(Succeeded.class);
    Files.delete(gate);
    plugin.end(first, firstState);
    plugin.end(second, secondState);
  }

  @Test
  void aTaskThatPrintsTooMuchKeepsTheEndOfItsLog() throws Exception {
    plugin = new TestingPlugin(folder, PLAIN + "log-size-max = 4KiB");
    var task = plugin.shell("a-n0-0", "head -c 100000000 /dev/zero | tr '\\0' x; echo the end");
    plugin.run(task);

    var log = plugin.directory(task).standardOutput();
    assertThat(Files.size(log)).isLessThan(4 * 1024);
    assertThat(Files.readString(log)).startsWith("[the log got too long").endsWith("the end\n");
  }

  private TestingTask command(String... arguments) {
    var container = Container.newBuilder().addAllCommand(List.of(arguments));
    return new TestingTask(
        plugin.store(), "a-n0-0", TestingTask.template(container), Literals.EMPTY);
  }

  private static long awaitNumber(Path file) throws Exception {
    return Long.parseLong(awaitContent(file));
  }

  /**
   * Waits for the end of a process that was sent a signal, since the kernel decides when the signal
   * takes effect.
   */
  private static void awaitEnd(LocalProcess process) {
    var deadline = System.nanoTime() + 60_000_000_000L;
    while (process.isAlive()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** Polls a file, because no event reports that a running task has written it. */
  private static String awaitContent(Path file) throws Exception {
    var deadline = System.nanoTime() + 60_000_000_000L;
    while (System.nanoTime() < deadline) {
      if (Files.exists(file) && Files.readString(file).endsWith("\n")) {
        return Files.readString(file).strip();
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("nobody writes " + file);
  }
}
