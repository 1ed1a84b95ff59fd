package io.turboprop.plugin.local;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The time for which attempts may run on this machine, as a file. A small process of its own
 * ({@code guard.sh}) reads it, and kills all attempts when the time is over, whatever has become of
 * the engine. There is no limit, and no guard, until the engine gives a time.
 *
 * <p>The clock is the machine's uptime: it never stops, not even while the machine sleeps, and all
 * processes read the same. It needs {@code /proc}.
 */
final class RunTime {
  private static final Path UPTIME = Path.of("/proc/uptime");

  /** From this time before the end on, the guard may have begun to kill. */
  private static final Duration CLOSE = Duration.ofMillis(300);

  private static final int NANOS_PER_TICK = 10_000_000;

  private static final long LONG_AGO = 0;

  private final Path file;
  private final Path work;
  private final Path script;
  private final List<String> ownSession;
  private Optional<Process> guard = Optional.empty();

  /** The end of the time, in hundredths of a second since boot; empty while there is no limit. */
  private Optional<Long> end = Optional.empty();

  /**
   * @param file says until when attempts may run; outlives the engine
   * @param work the folder of all work directories
   * @param script the guard
   * @param searchPath the folders in which {@code setsid} is searched
   */
  RunTime(Path file, Path work, Path script, String searchPath) {
    this.file = file;
    this.work = work;
    this.script = script;
    this.ownSession =
        PlainProcesses.find("setsid", searchPath).stream().map(Path::toString).toList();
  }

  /**
   * Gives attempts some time from now on; with a time of zero, kills all that run.
   *
   * @return false if the time that the last call gave had already passed; that call may have been
   *     one of an earlier engine process
   */
  synchronized boolean give(Duration time) throws IOException {
    var now = uptime();
    var before = end.or(this::recorded);
    var stillRuns = before.filter(last -> last - ticks(CLOSE) <= now).isEmpty();
    write(now + ticks(time));
    if (time.isZero()) {
      killAll();
    } else {
      watch();
    }
    return stillRuns;
  }

  /**
   * Checks that a process may be started now.
   *
   * @throws IOException when the time is over
   */
  synchronized void check() throws IOException {
    if (end.isPresent() && end.get() <= uptime()) {
      throw new IOException("no task may be started: this machine has lost its lease on its tasks");
    }
  }

  private static long ticks(Duration time) {
    return time.toNanos() / NANOS_PER_TICK;
  }

  /** Reads hundredths of a second since the machine's start. */
  private static long uptime() throws IOException {
    var text = Files.readString(UPTIME);
    return Long.parseLong(text.substring(0, text.indexOf(' ')).replace(".", ""));
  }

  /** The end that an earlier engine has recorded; that of an earlier boot has passed. */
  private Optional<Long> recorded() {
    try {
      var parts = Files.readString(file).strip().split(" ", -1);
      return Optional.of(
          parts[1].equals(LocalProcess.thisBoot()) ? Long.parseLong(parts[0]) : LONG_AGO);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | RuntimeException _) {
      // Only a full disk leaves half a file; then nothing of an earlier engine is taken over.
      return Optional.of(LONG_AGO);
    }
  }

  private void write(long until) throws IOException {
    var draft = file.resolveSibling(file.getFileName() + ".draft");
    Files.writeString(draft, "%d %s\n".formatted(until, LocalProcess.thisBoot()));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    end = Optional.of(until);
  }

  private void watch() throws IOException {
    if (guard.filter(Process::isAlive).isPresent()) {
      return;
    }
    var engine = LocalProcess.current(ProcessHandle.current().pid());
    var command = new ArrayList<>(ownSession);
    command.addAll(
        List.of(
            "sh",
            script.toString(),
            file.toString(),
            work.toString(),
            String.valueOf(engine.pid()),
            String.valueOf(engine.since())));
    guard =
        Optional.of(
            new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
  }

  /**
   * Kills the processes of all work directories, also those that this engine has not started. A
   * directory whose processes can't be killed keeps no other from its turn.
   */
  private void killAll() throws IOException {
    var failures = new TreeMap<Path, Exception>();
    for (var directory : directories()) {
      try {
        new ProcessTree(process(directory), directory).kill();
      } catch (IOException | RuntimeException e) {
        failures.put(directory, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while processes were killed", e);
      }
    }
    if (!failures.isEmpty()) {
      var failure =
          new IOException("can't kill the processes of the work directories " + failures.keySet());
      failures.values().forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private List<Path> directories() throws IOException {
    try (var directories = Files.list(work)) {
      return directories.toList();
    }
  }

  private static Optional<LocalProcess> process(Path directory) throws IOException {
    try {
      return WorkDirectory.process(directory);
    } catch (TaskSpecificationException _) {
      return Optional.empty();
    }
  }
}
