package io.turboprop.postgres;

import io.turboprop.TestingJvm;
import io.turboprop.store.Database;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.TestingDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Another JVM that has a server on a folder, has written something, and waits to be killed. */
final class TestingServerProcess implements AutoCloseable {
  private final Process process;

  private TestingServerProcess(Process process) {
    this.process = process;
  }

  /** Starts it; returns when its plan {@code kept} is committed. */
  static TestingServerProcess on(Path folder) throws IOException {
    var command = TestingJvm.command(TestingServerProcess.class.getName(), "-XX:+UseSerialGC");
    command.add(folder.toString());
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (var line = output.readLine(); !"committed".equals(line); line = output.readLine()) {
      if (line == null) {
        throw new IllegalStateException("the process on " + folder + " has ended");
      }
    }
    return new TestingServerProcess(process);
  }

  static StoreSettings settings(Path folder) {
    return new StoreSettings(
        new PostgresServer.Embedded(folder, TestingDatabase.binaries(), 0, Map.of()),
        new StoreSettings.Pool(4, Duration.ofSeconds(20), Duration.ofSeconds(60), 5000),
        new StoreSettings.Session(Duration.ofSeconds(3), Duration.ofSeconds(2)),
        new StoreSettings.Journal(1000, 4 << 20, 1, 1000, 32 << 20),
        StoreSettings.Retention.FOR_EVER);
  }

  static void main(String[] arguments) throws IOException {
    var database = Database.open(settings(Path.of(arguments[0])));
    database.sql().execute("insert into plan values ('kept', '\\x00')");
    System.out.println("committed");
    // Ends with the one that started us, should that forget to kill us.
    System.in.read();
    database.close();
  }

  long pid() {
    return process.pid();
  }

  /** As kill -9 does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
