package io.turboprop.executor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.TestingJvm;
import io.turboprop.data.FolderDataStore;
import io.turboprop.metric.Meters;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TestingRecords;
import io.turboprop.plugin.local.LocalProcessProvider;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.setting.BackOff;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutorTables;
import io.turboprop.store.Sharing;
import io.turboprop.store.TestingDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;

/** An executor of real processes, in a JVM of its own that can be killed and stopped. */
final class ExecutorProcess implements AutoCloseable {
  static final ExecutorSettings SETTINGS =
      new ExecutorSettings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofMillis(500),
          Duration.ofMillis(100),
          Duration.ofMillis(100));
  private static final String READY = "ready";

  private final Process process;

  private ExecutorProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts an executor; returns when it looks for work.
   *
   * @param folder of its own; its name is the identity
   * @param store shared by all
   */
  static ExecutorProcess start(PostgresServer.External database, Path folder, Path store)
      throws IOException {
    var command =
        TestingJvm.command(
            ExecutorProcess.class.getName(),
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-Dturboprop.log.level=WARN");
    command.addAll(
        List.of(
            database.url(),
            database.user(),
            database.password(),
            folder.toString(),
            store.toString()));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (var line = output.readLine(); !READY.equals(line); line = output.readLine()) {
      if (line == null) {
        throw new IllegalStateException("the executor did not start");
      }
    }
    return new ExecutorProcess(process);
  }

  /** As {@code kill} does: {@code KILL}, {@code STOP}, {@code CONT}. */
  void signal(String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-s", name, String.valueOf(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IllegalStateException("the executor has ended already");
    }
  }

  @Override
  public void close() throws Exception {
    process.destroyForcibly().waitFor();
  }

  public static void main(String[] arguments) throws Exception {
    var database =
        Database.open(
            TestingDatabase.settings(
                new PostgresServer.External(arguments[0], arguments[1], arguments[2])),
            Sharing.CLUSTER);
    var folder = Path.of(arguments[3]);
    var store = FolderDataStore.open(Path.of(arguments[4]), List.of(), false);
    var plugin =
        new LocalProcessProvider()
            .create(
                ConfigFactory.parseString("slots = 4, warm-workers = false")
                    .withFallback(
                        ConfigFactory.defaultReference().getConfig("turboprop.plugins.local"))
                    .resolve(),
                new TaskPluginEnvironment(
                    store,
                    Map.of(),
                    folder,
                    "http://127.0.0.1:1",
                    new TestingRecords(),
                    Clock.systemUTC(),
                    new SimpleMeterRegistry()));
    var kit = ActorTestKit.create();
    kit.spawn(
        Executor.create(
            SETTINGS,
            new Executor.Calls(
                Duration.ofMinutes(1),
                3,
                new BackOff(Duration.ofMillis(100), Duration.ofSeconds(1)),
                Duration.ofMinutes(1)),
            new Executor.Identity(folder.getFileName().toString(), "http://127.0.0.1:1"),
            new Executor.Environment(
                new ExecutorTables(database),
                List.of(plugin),
                store,
                new TestingWorkflows(_ -> {}),
                Executors.newVirtualThreadPerTaskExecutor(),
                Clock.systemUTC(),
                System::nanoTime,
                new ExecutorMeters(new Meters(new SimpleMeterRegistry()))),
            ExecutorTopic.join(kit.system())));
    System.out.println(READY);
  }
}
