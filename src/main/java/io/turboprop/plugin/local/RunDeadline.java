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
 * The time until which attempts may run on this machine, kept in a file. A separate small process,
 * the guard ({@code guard.sh}), reads the file and kills all attempts when the time is over, even
 * if the engine has died or stands still. There is no deadline, and no guard, before the first call
 * of {@link #extend}.
 *
 * <p>The clock is the machine's uptime in {@code /proc/uptime}: it also runs while the machine
 * sleeps, and is the same for all processes.
 */
final class RunDeadline {
  private static final Path UPTIME = Path.of("/proc/uptime");

  /** The guard may begin to kill this long before the deadline. */
  private static final Duration CLOSE = Duration.ofMillis(300);

  private static final int NANOS_PER_TICK = 10_000_000;

  private static final long LONG_AGO = 0;

  private final Path file;
  private final Path work;
  private final Path script;
  private final List<String> ownSession;
  private Optional<Process> guard = Optional.empty();

  /** The deadline, in hundredths of a second since boot; empty while there is none. */
  private Optional<Long> end = Optional.empty();

  /**
   * @param file holds the deadline; outlives the engine
   * @param work the folder of all work directories
   * @param script the guard
   * @param searchPath the folders in which {@code setsid} is searched
   */
  RunDeadline(Path file, Path work, Path script, String searchPath) {
    this.file = file;
    this.work = work;
    this.script = script;
    this.ownSession =
        PlainProcesses.find("setsid", searchPath).stream().map(Path::toString).toList();
  }

  /**
   * Moves the deadline to this time from now; with a time of zero, kills all attempts.
   *
   * @return false if the previous deadline had already passed; an earlier engine process may have
   *     set it
   */
  synchronized boolean extend(Duration time) throws IOException {
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
   * @throws IOException when the deadline has passed
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

  /** The deadline that an earlier engine has recorded; a deadline of an earlier boot has passed. */
  private Optional<Long> recorded() {
    try {
      var parts = Files.readString(file).strip().split(" ", -1);
      return Optional.of(
          parts[1].equals(LocalProcess.thisBoot()) ? Long.parseLong(parts[0]) : LONG_AGO);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | RuntimeException _) {
      // The file is damaged, for instance after the disk was full: treat the deadline as passed, so
      // that no process of an earlier engine is taken over.
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
