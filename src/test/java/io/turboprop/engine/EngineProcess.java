package io.turboprop.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.turboprop.TestingJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code turboprop dev} as a process of its own, on a folder and a port that stay the same: it can
 * be killed, stopped, and started again. Its log is the file {@code engine.log} in the folder.
 */
final class EngineProcess implements AutoCloseable {
  /** After which an execution that only waits leaves memory; short, so that tests need not wait. */
  static final Duration IDLE_AFTER = Duration.ofSeconds(1);

  private static final Duration END_TIMEOUT = Duration.ofMinutes(2);
  private static final String READY = "ready ";

  private final Path folder;
  private final int port;
  private final List<String> options;
  private Optional<String> classPath = Optional.empty();
  private String heap = "512m";
  private Optional<Process> process = Optional.empty();

  /**
   * @param options further ones of {@code dev}
   */
  EngineProcess(Path folder, String... options) throws IOException {
    this.folder = folder;
    this.port = freePort();
    this.options = List.of(options);
  }

  /**
   * From the next start on the process runs another version of the engine, on the same folder.
   *
   * @param jar its libraries are in the folder {@code lib} beside it; empty for the classes under
   *     test
   */
  EngineProcess withVersion(Optional<Path> jar) {
    classPath = jar.map(Path::toString);
    return this;
  }

  /** From the next start on the process has this heap, as {@code java -Xmx} takes it. */
  EngineProcess withHeap(String size) {
    heap = size;
    return this;
  }

  /** Starts it; returns when it serves. */
  EngineProcess start() throws IOException {
    var started = launch(port);
    process = Optional.of(started);
    var output = new BufferedReader(new InputStreamReader(started.getInputStream(), UTF_8));
    for (var line = output.readLine(); line == null || !line.startsWith(READY); ) {
      if (line == null) {
        throw new IllegalStateException("the engine did not start:\n" + log());
      }
      line = output.readLine();
    }
    return this;
  }

  /** Another one on the same folder, at another port; to be ended by the caller. */
  Process rival() throws IOException {
    return launch(0);
  }

  private Process launch(int at) throws IOException {
    var command =
        TestingJvm.command(
            classPath,
            "io.turboprop.Main",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            // a fifth of the work of a start; the JVM of the tests verifies the same classes
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote",
            "-XX:+UseSerialGC",
            "-XX:PretenureSizeThreshold=256k",
            "-XX:MetaspaceSize=128m",
            "-Xmx" + heap,
            "-XX:MaxDirectMemorySize=128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dturboprop.plugins.local.slots=16",
            "-Dturboprop.workflow.idle-after=" + IDLE_AFTER.toMillis() + "ms");
    command.addAll(List.of("dev", "--port", Integer.toString(at), "--data", data().toString()));
    command.addAll(options);
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("engine.log").toFile()))
        .start();
  }

  /** As kill -9 does: nothing is closed, and its PostgreSQL lives on. */
  void kill() throws InterruptedException {
    var killed = process.orElseThrow();
    killed.destroyForcibly();
    requireEnd(killed);
  }

  /**
   * Asks it to end, by SIGTERM.
   *
   * @return its exit code
   */
  int stop() throws InterruptedException {
    var stopped = process.orElseThrow();
    stopped.destroy();
    requireEnd(stopped);
    return stopped.exitValue();
  }

  /**
   * Waits until it has ended by itself.
   *
   * @return its exit code
   */
  int awaitEnd() throws InterruptedException {
    var ending = process.orElseThrow();
    requireEnd(ending);
    return ending.exitValue();
  }

  private static void requireEnd(Process process) throws InterruptedException {
    if (!process.waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("process " + process.pid() + " does not end");
    }
  }

  long pid() {
    return process.orElseThrow().pid();
  }

  boolean isAlive() {
    return process.filter(Process::isAlive).isPresent();
  }

  Path data() {
    return folder.resolve("data");
  }

  int port() {
    return port;
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** What it and those before it have said on standard error. */
  String log() {
    try {
      return Files.readString(folder.resolve("engine.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws InterruptedException {
    if (process.filter(Process::isAlive).isPresent()) {
      stop();
    }
  }

  /** A port of 127.0.0.1 that nothing uses at this moment. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
