package io.turboprop.plugin.local;

import com.google.protobuf.ByteString;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.FolderDataStore;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TestingRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The plugin with default settings, and calls that drive it like the engine. */
final class TestingPlugin {
  private final Path folder;
  private final TaskPlugin plugin;

  /**
   * @param settings the settings that differ from the defaults, as HOCON
   */
  TestingPlugin(Path folder, String settings) throws IOException {
    this.folder = folder;
    var store = FolderDataStore.open(folder.resolve("store"), List.of(), false);
    var environment =
        new TaskPluginEnvironment(
            store,
            Map.of(),
            folder.resolve("plugin"),
            "http://127.0.0.1:8089",
            new TestingRecords(),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    this.plugin = new LocalProcessProvider().create(config(settings), environment);
  }

  static Config config(String settings) {
    return ConfigFactory.parseString(settings)
        .withFallback(ConfigFactory.defaultReference().getConfig("turboprop.plugins.local"))
        .resolve();
  }

  /**
   * The Python with flytekit for tests: from an environment variable, or the project's own
   * environment.
   */
  static Optional<Path> python() {
    var given = Optional.ofNullable(System.getenv("TURBOPROP_PYTHON_ENV")).map(Path::of);
    return given
        .or(() -> Optional.of(Path.of(".turboprop", "venv")))
        .map(environment -> environment.resolve("bin").resolve("python"))
        .filter(Files::isExecutable)
        .map(Path::toAbsolutePath);
  }

  void close() {
    plugin.close();
  }

  boolean extendRunDeadline(Duration time) throws IOException {
    return plugin.extendRunDeadline(time);
  }

  Path store() {
    return folder.resolve("store");
  }

  Path folder() {
    return folder.resolve("plugin");
  }

  TestingTask shell(String name, String script) {
    return TestingTask.shell(store(), name, script);
  }

  WorkDirectory directory(TestingTask task) throws IOException {
    var root = folder().toRealPath();
    return WorkDirectory.of(task, root.resolve("work"), root.resolve("logs"));
  }

  TaskTransition handle(TestingTask task, ByteString state) throws Exception {
    return plugin.handle(task, state).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  void abort(TestingTask task, ByteString state) throws Exception {
    plugin.abort(task, state).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  void finish(TestingTask task, ByteString state) throws Exception {
    plugin.finish(task, state).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** Starts an attempt, and requires that it runs. */
  ByteString start(TestingTask task) throws Exception {
    return switch (handle(task, ByteString.EMPTY)) {
      case TaskTransition.Running running -> running.state();
      case TaskTransition.Succeeded other -> throw new AssertionError(other);
      case TaskTransition.Failed other -> throw new AssertionError(other);
    };
  }

  /**
   * Drives an attempt to its end, calling the plugin only when requested, and without {@code
   * finish}.
   */
  TaskTransition end(TestingTask task, ByteString begun) throws Exception {
    var state = begun;
    while (true) {
      switch (handle(task, state)) {
        case TaskTransition.Running running -> {
          state = running.state();
          task.awaitNews();
        }
        case TaskTransition.Succeeded succeeded -> {
          return succeeded;
        }
        case TaskTransition.Failed failed -> {
          return failed;
        }
      }
    }
  }

  /** Runs an attempt from start to {@code finish}. */
  TaskTransition run(TestingTask task) throws Exception {
    var result = end(task, ByteString.EMPTY);
    finish(task, ByteString.EMPTY);
    return result;
  }
}
