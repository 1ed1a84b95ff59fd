package io.turboprop.executor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * A clock for leases, in nanoseconds: like {@link System#nanoTime}, but it also counts the time
 * during which the machine slept. The database and the guard process, which kills attempts whose
 * time is over, count that time, too: by a clock that leaves it out, a lease would last longer than
 * its processes, and the executor would report an attempt that the guard has killed as a failure of
 * the task. Thread-safe.
 *
 * <p>Reads {@code /proc/uptime}. Where there is no such file, it is {@link System#nanoTime}; there
 * are no guard processes either.
 */
public final class UptimeClock implements LongSupplier {
  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final long NANOS_PER_HUNDREDTH = Duration.ofMillis(10).toNanos();

  private final Path uptime;
  private final LongSupplier nanoTime;

  /** The difference between the uptime and {@link #nanoTime} when it was first read. */
  private OptionalLong firstDifference = OptionalLong.empty();

  /** How much the difference has grown since: the time for which the machine slept. */
  private long sleptNanos;

  public UptimeClock() {
    this(UPTIME, System::nanoTime);
  }

  UptimeClock(Path uptime, LongSupplier nanoTime) {
    this.uptime = uptime;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized long getAsLong() {
    var now = nanoTime.getAsLong();
    try {
      var difference = uptimeNanos() - now;
      if (firstDifference.isEmpty()) {
        firstDifference = OptionalLong.of(difference);
      }
      // The uptime is rounded down, so the difference varies by up to a hundredth of a second.
      sleptNanos = Math.max(sleptNanos, difference - firstDifference.getAsLong());
    } catch (IOException | RuntimeException _) {
      // The sleep that is known stays; the next call reads the uptime again.
    }
    return now + sleptNanos;
  }

  private long uptimeNanos() throws IOException {
    var text = Files.readString(uptime);
    var seconds = text.substring(0, text.indexOf(' '));
    return Long.parseLong(seconds.replace(".", "")) * NANOS_PER_HUNDREDTH;
  }
}
