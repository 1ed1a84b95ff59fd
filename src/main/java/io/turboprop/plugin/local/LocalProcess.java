package io.turboprop.plugin.local;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The identity of a process of this machine, which differs from that of a later process with the
 * same pid.
 *
 * @param since the start time, in clock ticks since boot; 0 where it is unknown
 * @param boot the id of the machine's boot; {@code -} where it is unknown
 */
record LocalProcess(long pid, long since, String boot) {
  private static final Path PROC = Path.of("/proc");
  private static final boolean HAS_PROC = Files.exists(PROC.resolve("self/stat"));
  private static final String THIS_BOOT = thisBoot();

  /** The id of the machine's boot; {@code -} where it is unknown. */
  static String thisBoot() {
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

  /** The process that has this pid now. */
  static LocalProcess current(long pid) {
    return new LocalProcess(pid, status(pid).map(Status::since).orElse(0L), THIS_BOOT);
  }

  /** Reads {@code PID SINCE BOOT}, as the task's supervisor writes it; empty for any other text. */
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

  /** Whether the process runs; a zombie does not run. */
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
   * Whether the pid now belongs to another process, or the machine was restarted. In both cases no
   * process of the session is left.
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
