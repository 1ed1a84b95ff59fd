package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.Literals.KeyValuePair;
import flyteidl.core.Tasks.Container;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.HostileFiles;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Succeeded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests tasks whose files could harm the engine, and tasks that can't be started. */
@Timeout(180)
class HostileTasksTest {
  @TempDir Path folder;
  private TestingPlugin plugin;

  @BeforeEach
  void start() throws Exception {
    plugin = new TestingPlugin(folder, "warm-workers = false, slots = 2");
  }

  @ParameterizedTest
  @EnumSource(HostileFiles.class)
  void aChangedExitCodeFailsTheTaskAndHoldsNobody(HostileFiles hostile) throws Exception {
    var task = endedAttempt("a-n0-0");
    hostile.replace(plugin.directory(task).root().resolve("exit_code"));

    var failed = (Failed) plugin.handle(task, ByteString.EMPTY);

    assertThat(failed.error().code()).isEqualTo("WorkDirectoryChanged");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.USER);
    assertThat(failed.recoverable()).isFalse();
    plugin.finish(task, ByteString.EMPTY);
    assertThat(plugin.directory(task).root()).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(HostileFiles.class)
  void aChangedProcessFileFailsTheTaskWhereNothingIsRecordedOfIt(HostileFiles hostile)
      throws Exception {
    var task = endedAttempt("a-n0-0");
    hostile.replace(plugin.directory(task).root().resolve("process"));

    var failed = (Failed) new TestingPlugin(folder, "").handle(task.again(), ByteString.EMPTY);

    assertThat(failed.error().code()).isEqualTo("WorkDirectoryChanged");
    plugin.finish(task, ByteString.EMPTY);
  }

  @Test
  void aChangedProcessFileIsNotNeededWhereTheProcessIsRecorded() throws Exception {
    var task = plugin.shell("a-n0-0", "exit 0");
    var state = plugin.start(task);
    task.awaitNews();
    HostileFiles.PIPE.replace(plugin.directory(task).root().resolve("process"));

    assertThat(plugin.handle(task, state)).isInstanceOf(Succeeded.class);
    plugin.finish(task, state);
  }

  @ParameterizedTest
  @EnumSource(HostileFiles.class)
  void changedLogsHoldNobody(HostileFiles hostile) throws Exception {
    var task = plugin.shell("a-n0-0", "exit 3");
    var state = plugin.start(task);
    task.awaitNews();
    hostile.replace(plugin.directory(task).standardError());
    hostile.replace(plugin.directory(task).standardOutput());

    var failed = (Failed) plugin.handle(task, state);

    assertThat(failed.error().message()).doesNotContain("root:");
    plugin.finish(task, state);
  }

  @ParameterizedTest
  @EnumSource(HostileFiles.class)
  void aChangedErrorFileHoldsNobody(HostileFiles hostile) throws Exception {
    var task = plugin.shell("a-n0-0", "exit 3");
    var state = plugin.start(task);
    task.awaitNews();
    Files.createDirectories(task.outputFile("error.pb").getParent());
    hostile.putAt(task.outputFile("error.pb"));

    try {
      assertThat(plugin.handle(task, state)).isNotInstanceOf(TaskTransition.Running.class);
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(IOException.class);
    }
    plugin.finish(task, state);
  }

  /** Twice as many tasks as cores, because each such task once blocked a thread of the engine. */
  @Test
  void manyTasksWithPipesDoNotKeepAnotherOneWaiting() throws Exception {
    var count = 2 * Runtime.getRuntime().availableProcessors() + 8;
    var hostile = new ArrayList<TestingTask>();
    for (var number = 0; number < count; number++) {
      var task = endedAttempt("a-n" + number + "-0");
      HostileFiles.PIPE.replace(plugin.directory(task).root().resolve("exit_code"));
      hostile.add(task);
    }
    var restarted = new TestingPlugin(folder, "warm-workers = false, slots = 2");
    for (var task : hostile) {
      assertThat(restarted.handle(task.again(), ByteString.EMPTY)).isInstanceOf(Failed.class);
    }

    assertThat(restarted.run(restarted.shell("b-n0-0", "exit 0"))).isInstanceOf(Succeeded.class);
  }

  @Test
  void aChildInASessionOfItsOwnEndsWithItsTask() throws Exception {
    var task = plugin.shell("a-n0-0", "setsid sleep 1000 >/dev/null 2>&1 & echo $!");
    plugin.run(task);

    var left = Long.parseLong(Files.readString(plugin.directory(task).standardOutput()).strip());
    assertThat(LocalProcess.current(left).isAlive()).isFalse();
  }

  @Test
  void aChildInASessionOfItsOwnWhoseParentIsGoneEndsWithItsTask() throws Exception {
    var file = folder.resolve("child");
    var detached = "sh -c 'setsid sh -c \"echo \\$\\$ > %s; exec sleep 1000\" >/dev/null 2>&1 &'";
    var wait = "while [ ! -s %s ]; do sleep 0.01; done";
    var task = plugin.shell("a-n0-0", (detached + "; " + wait).formatted(file, file));
    var state = plugin.start(task);
    task.awaitNews();
    var left = LocalProcess.current(Long.parseLong(Files.readString(file).strip()));
    assertThat(left.isAlive()).isTrue();

    plugin.abort(task, state);

    assertThat(left.isAlive()).isFalse();
    plugin.finish(task, state);
  }

  @ParameterizedTest
  @ValueSource(ints = {200_000, 3_000_000})
  void anArgumentThatIsTooLongFailsTheTaskAtOnce(int length) throws Exception {
    assertMistake(container("echo", "x".repeat(length)), "bytes");
  }

  @Test
  void argumentsThatAreTooLongTogetherFailTheTaskAtOnce() throws Exception {
    var arguments = new ArrayList<>(List.of("echo"));
    for (var number = 0; number < 100; number++) {
      arguments.add("x".repeat(100_000));
    }

    assertMistake(container(arguments.toArray(String[]::new)), "too long together");
  }

  @Test
  void aNulFailsTheTaskAtOnce() throws Exception {
    assertMistake(container("echo", "a\0b"), "NUL");
    assertMistake(container("ec\0ho"), "NUL");
    assertMistake(container("true").addEnv(variable("A", "a\0b")), "NUL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A=B", "A\0"})
  void aVariableThatCanNotBeFailsTheTaskAtOnce(String name) throws Exception {
    assertMistake(container("true").addEnv(variable(name, "x")), "environment variable");
  }

  @Test
  void aPreparationThatFailsIsCountedAlsoWhereTheTaskWaitsForASlotMeanwhile() throws Exception {
    plugin = new TestingPlugin(folder, "warm-workers = false, slots = 1");
    var task = plugin.shell("a-n0-0", "exit 0");
    var logs = plugin.directory(task).logs();
    Files.createDirectories(logs.getParent());
    Files.createFile(logs);
    for (var number = 0; number < 5; number++) {
      assertThatThrownBy(() -> plugin.handle(task, ByteString.EMPTY))
          .isInstanceOf(ExecutionException.class);
      waitForASlotOnce(task, "b-n" + number + "-0");
    }

    var failed = (Failed) plugin.handle(task, ByteString.EMPTY);

    assertThat(failed.error().code()).isEqualTo("PreparationFailed");
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.SYSTEM);
  }

  private void waitForASlotOnce(TestingTask task, String other) throws Exception {
    var holder = plugin.shell(other, "sleep 1000");
    var state = plugin.start(holder);
    assertThat(plugin.handle(task, ByteString.EMPTY)).isInstanceOf(TaskTransition.Running.class);
    plugin.abort(holder, state);
    plugin.finish(holder, state);
    task.awaitNews();
  }

  private void assertMistake(Container.Builder container, String reason) throws Exception {
    var task =
        new TestingTask(plugin.store(), "a-n0-0", TestingTask.template(container), Literals.EMPTY);
    var failed = (Failed) plugin.run(task);

    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.USER);
    assertThat(failed.error().message()).contains(reason).hasSizeLessThan(1000);
    assertThat(failed.recoverable()).isFalse();
  }

  private static Container.Builder container(String... arguments) {
    return Container.newBuilder().addAllArgs(List.of(arguments));
  }

  private static KeyValuePair variable(String name, String value) {
    return KeyValuePair.newBuilder().setKey(name).setValue(value).build();
  }

  /** A task whose end the engine has not noticed yet. */
  private TestingTask endedAttempt(String name) throws Exception {
    var task = plugin.shell(name, "exit 0");
    plugin.start(task);
    task.awaitNews();
    return task;
  }
}
