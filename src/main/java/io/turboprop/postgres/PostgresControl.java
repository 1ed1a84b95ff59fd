package io.turboprop.postgres;

import io.turboprop.setting.ProcessUser;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs {@code initdb} and {@code pg_ctl} on one data folder.
 *
 * <p>{@code pg_ctl} starts the server in a session of its own. So a Ctrl-C in the terminal reaches
 * the engine only, which can still write. PostgreSQL refuses to run as root; root therefore runs
 * its programs in a user namespace, in which they have another user id.
 */
final class PostgresControl {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresControl.class);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** Lines of {@code postmaster.pid}, from 0. */
  static final int PORT_LINE = 3;

  private static final int STATUS_LINE = 7;

  private final Path programs;
  private final Path data;
  private final Path log;
  private final List<String> prefix;

  PostgresControl(Path binaries, Path data, Path log) {
    this.programs = binaries.resolve("bin");
    this.data = data;
    this.log = log;
    this.prefix = ProcessUser.isRoot() ? List.of("unshare", "--user") : List.of();
  }

  /**
   * Creates a data folder; the password is read from a file. It is a long random one, so it is kept
   * with a single round of hashing: many rounds only slow down the guessing of short passwords, and
   * each new connection, above all the first one of a start.
   */
  void create(Path folder, String user, Path password) throws IOException {
    run(
        "initdb",
        "--pgdata=" + folder,
        "--username=" + user,
        "--pwfile=" + password,
        "--auth=scram-sha-256",
        "--set=scram_iterations=1",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8");
  }

  /** Starts the server and waits until it accepts connections. */
  void start() throws IOException {
    var starter = program("pg_ctl", "start", "--wait", "--pgdata=" + data, "--log=" + log).start();
    // pg_ctl checks only ten times a second, so it serves here only to detect a failure.
    if (!await(() -> isReady() || failed(starter), START_TIMEOUT) || !isReady()) {
      throw new StoreException("PostgreSQL does not start; see " + log + lastLines());
    }
  }

  private static boolean failed(Process process) {
    return !process.isAlive() && process.exitValue() != 0;
  }

  /** Stops the server by a fast shutdown, and after the timeout by an immediate one. */
  void stop(Duration timeout) throws IOException {
    if (postmaster().isEmpty()) {
      return;
    }
    run("pg_ctl", "stop", "--no-wait", "--silent", "--mode=fast", "--pgdata=" + data);
    if (!await(() -> !isRunning(), timeout)) {
      LOG.warn(
          "PostgreSQL does not stop within {}; it is stopped at once and recovers at its next start",
          timeout);
      run("pg_ctl", "stop", "--no-wait", "--silent", "--mode=immediate", "--pgdata=" + data);
      if (!await(() -> !isRunning(), timeout)) {
        throw new StoreException("PostgreSQL can't be stopped in " + data);
      }
    }
  }

  /**
   * Stops the server that a killed engine has left behind on this folder. If only its {@code
   * postmaster.pid} is left, the file is removed: after a restart of the machine or the container,
   * another process may have the process id in it, and PostgreSQL would refuse to start.
   */
  void stopOrphan(Duration timeout) throws IOException {
    var pid = postmaster();
    if (pid.isEmpty()) {
      return;
    }
    if (isServer(pid.orElseThrow())) {
      LOG.info(
          "a killed engine has left a server (process {}) behind on {}; the server is stopped first",
          pid.orElseThrow(),
          data);
      stop(timeout);
    } else {
      Files.deleteIfExists(data.resolve("postmaster.pid"));
    }
  }

  /**
   * The port of the engine's server that runs on this folder and answers; empty if there is none,
   * or if it runs programs of another version.
   */
  OptionalInt portLeftBehind() {
    var ours =
        postmaster()
            .filter(this::isServer)
            .flatMap(ProcessHandle::of)
            .flatMap(process -> process.info().command())
            .filter(programs.resolve("postgres").toString()::equals);
    return ours.isPresent() && isReady() ? port(data) : OptionalInt.empty();
  }

  /**
   * The port in the {@code postmaster.pid} of a data folder; empty if the server has not written it
   * yet.
   */
  static OptionalInt port(Path data) {
    var lines = pidFile(data);
    return lines.size() > PORT_LINE
        ? OptionalInt.of(Integer.parseInt(lines.get(PORT_LINE).strip()))
        : OptionalInt.empty();
  }

  /** Whether this process is the server of this folder, as far as the system shows. */
  private boolean isServer(long pid) {
    return ProcessHandle.of(pid)
        .map(ProcessHandle::info)
        .filter(info -> info.command().map(name -> name.contains("postgres")).orElse(true))
        .map(info ->
            info.arguments().map(all -> List.of(all).contains(data.toString())).orElse(true))
        .orElse(false);
  }

  /** Whether the server runs and no shutdown was requested; it may still be starting. */
  boolean isServing() {
    return isRunning() && !status().equals("stopping");
  }

  private boolean isRunning() {
    return postmaster().flatMap(ProcessHandle::of).map(ProcessHandle::isAlive).orElse(false);
  }

  private boolean isReady() {
    return status().equals("ready");
  }

  private String status() {
    var lines = pidFile(data);
    return lines.size() > STATUS_LINE ? lines.get(STATUS_LINE).strip() : "";
  }

  private Optional<Long> postmaster() {
    var lines = pidFile(data);
    return lines.isEmpty() || lines.getFirst().isBlank()
        ? Optional.empty()
        : Optional.of(Long.parseLong(lines.getFirst().strip()));
  }

  private static List<String> pidFile(Path data) {
    try {
      return Files.readAllLines(data.resolve("postmaster.pid"));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String lastLines() throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    var lines = Files.readAllLines(log);
    return ": " + String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }

  private static boolean await(BooleanSupplier condition, Duration timeout) {
    var end = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
    return true;
  }

  private ProcessBuilder program(String name, String... arguments) {
    var command = new ArrayList<>(prefix);
    command.add(programs.resolve(name).toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Messages are in English, so that users find them by a search.
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private void run(String name, String... arguments) throws IOException {
    var process = program(name, arguments).start();
    process.getOutputStream().close();
    try (var output = process.getInputStream()) {
      var text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new StoreException(name + " failed: " + text + hint(text));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted in " + name).initCause(e);
    }
  }

  private String hint(String text) {
    return !prefix.isEmpty() && text.startsWith("unshare")
        ? " (PostgreSQL does not run as root, and the system permits no user namespace: run as another user)"
        : "";
  }
}
