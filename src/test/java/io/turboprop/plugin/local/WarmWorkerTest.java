package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests workers that behave badly, without Python. */
class WarmWorkerTest {
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(300);

  /** More than a pipe holds. */
  private static final String LARGE = "x".repeat(1024 * 1024);

  @TempDir Path folder;

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aWorkerThatDoesNotReadIsStoppedAndHoldsNothingUp() throws Exception {
    try (var jobs = new PeriodicJobs()) {
      var worker = WarmWorker.start(readyAndHanging(), new ExitWatch(jobs));
      var launch =
          new Launch(
              new WorkDirectory(folder.resolve("work"), folder.resolve("logs")),
              List.of("pyflyte-execute"),
              Map.of("LARGE", LARGE),
              Optional.empty());
      assertThat(worker.fork(launch, () -> {}, ANSWER_WITHIN)).isEmpty();
      worker.onExit().get(60, TimeUnit.SECONDS);
      assertThat(worker.isUsable()).isFalse();
      worker.retire();
    }
  }

  private WarmWorker.Start readyAndHanging() {
    return new WarmWorker.Start(
        List.of("/bin/sh", "-c", "echo '{\"ready\": true}'; exec sleep 1000"),
        Map.of("PATH", "/usr/bin:/bin"),
        folder,
        folder.resolve("worker.log"));
  }
}
