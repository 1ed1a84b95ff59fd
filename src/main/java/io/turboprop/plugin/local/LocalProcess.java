package io.turboprop.plugin.local;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process of this machine, told apart from a later one with the same number.
 *
 * @param since when it started, in clock ticks since boot; 0 where that cannot be known
 * @param boot the id of the boot of the machine; {@code -} where that cannot be known
 */
record LocalProcess(long pid, long since, String boot) {
  private static final Path PROC = Path.of("/proc");
  private static final boolean HAS_PROC = Files.exists(PROC.resolve("self/stat"));
  private static final String THIS_BOOT = thisBoot();

  private static String thisBoot() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    } catch (IOException _) {
      return "-";
    }
  }

  /** The kernel's record of a process: {@code pid (name) state ppid pgrp session …}. */
  record Status(char state, long group, long session, long since) {
    boolean isZombie() {
      return state == 'Z' || state == 'X';
    }
  }

  /** The process that has this number now. */
  static LocalProcess current(long pid) {
    return new LocalProcess(pid, status(pid).map(Status::since).orElse(0L), THIS_BOOT);
  }

  /** Reads {@code PID SINCE BOOT}, as a task's side writes it; empty when it is anything else. */
  static Optional<LocalProcess> parse(String text) {
    var parts = text.strip().split(" ", -1);
    try {
      return parts.length == 3
          ? Optional.of(
              new LocalProcess(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2]))
          : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  static Optional<LocalProcess> parse(ByteString state) {
    return parse(state.toStringUtf8());
  }

  ByteString state() {
    return ByteString.copyFromUtf8(pid + " " + since + " " + boot);
  }

  /** Whether it runs; one that has ended and only waits to be collected does not. */
  boolean isAlive() {
    if (!boot.equals(THIS_BOOT)) {
      return false;
    }
    if (!HAS_PROC) {
      return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
    return status(pid).filter(status -> !status.isZombie() && isThis(status)).isPresent();
  }

  /**
   * Whether its number means something else by now, in which case nothing of its session is left:
   * the machine was started again, or another process has got the number.
   */
  boolean isReplaced() {
    return !boot.equals(THIS_BOOT) || status(pid).filter(status -> !isThis(status)).isPresent();
  }

  private boolean isThis(Status status) {
    return since == 0 || status.since() == since;
  }

  /** The kernel's view of a process; empty when there is none, or no {@code /proc}. */
  static Optional<Status> status(long pid) {
    if (!HAS_PROC) {
      return Optional.empty();
    }
    try {
      var stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
      // The name is in parentheses and may hold both spaces and parentheses.
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(
          new Status(
              fields[0].charAt(0),
              Long.parseLong(fields[2]),
              Long.parseLong(fields[3]),
              Long.parseLong(fields[19])));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
