package io.turboprop.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UptimeClockTest {
  private static final Duration LEASE = Duration.ofSeconds(15);

  @TempDir Path folder;
  private final AtomicLong nanoTime = new AtomicLong(-7_000_000_000L);

  @Test
  void aLeaseEndsWhileTheMachineSleeps() throws IOException {
    var clock = new UptimeClock(uptime("100.00"), nanoTime::get);
    var lease = new Lease(clock, LEASE, clock.getAsLong());
    assertThat(lease.left()).isEqualTo(LEASE);

    nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
    uptime("101.00");
    assertThat(lease.left()).isEqualTo(Duration.ofSeconds(14));

    uptime("3701.00");
    assertThat(lease.isOver()).isTrue();
  }

  @Test
  void itNeverGoesBack() throws IOException {
    var clock = new UptimeClock(uptime("100.00"), nanoTime::get);
    var begin = clock.getAsLong();
    nanoTime.addAndGet(Duration.ofMillis(9).toNanos());
    uptime("100.00");
    assertThat(clock.getAsLong() - begin).isEqualTo(Duration.ofMillis(9).toNanos());
  }

  @Test
  void withoutAnUptimeItIsTheClockOfTheProcess() {
    var clock = new UptimeClock(folder.resolve("none"), nanoTime::get);
    assertThat(clock.getAsLong()).isEqualTo(nanoTime.get());
  }

  @Test
  void anUptimeThatCannotBeReadForAMomentChangesNothing() throws IOException {
    var file = uptime("100.00");
    var clock = new UptimeClock(file, nanoTime::get);
    var begin = clock.getAsLong();
    Files.delete(file);
    nanoTime.addAndGet(5);
    assertThat(clock.getAsLong() - begin).isEqualTo(5);
  }

  private Path uptime(String seconds) throws IOException {
    return Files.writeString(folder.resolve("uptime"), seconds + " 12.34\n");
  }
}
