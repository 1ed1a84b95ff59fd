package io.turboprop.store;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Another JVM that has a server on a folder, has written something, and waits to be killed. */
final class TestingServerProcess implements AutoCloseable {
  private final Process process;

  private TestingServerProcess(Process process) {
    this.process = process;
  }

  /** Starts it; returns when its plan {@code kept} is committed. */
  static TestingServerProcess on(Path folder) throws IOException {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                TestingServerProcess.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (var line = output.readLine(); !"committed".equals(line); line = output.readLine()) {
      if (line == null) {
        throw new IllegalStateException("the process on " + folder + " has ended");
      }
    }
    return new TestingServerProcess(process);
  }

  /** Our own class path, whoever runs the tests. */
  private static String classPath() {
    if (TestingServerProcess.class.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(url -> Path.of(URI.create(url.toString())).toString())
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  static StoreSettings settings(Path folder) {
    return new StoreSettings(
        new StoreSettings.Embedded(folder, TestingDatabase.binaries(), 0, Map.of()),
        new StoreSettings.Pool(4, Duration.ofSeconds(20)),
        new StoreSettings.Journal(2, 1000, 1, 1000),
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
