package io.turboprop.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.setting.BackOff;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeyedWorkTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(1);

  private final LinkedBlockingQueue<String> runs = new LinkedBlockingQueue<>();

  @Test
  void anAdditionEndsThePauseAfterAFailure() throws Exception {
    KeyedWork.Job<String> failing =
        key -> {
          runs.add(key);
          throw new IOException("not now");
        };
    try (var work = new KeyedWork<>("test", failing, 1, pauses(HOUR))) {
      work.add("a");
      assertThat(runs.poll(60, TimeUnit.SECONDS)).isEqualTo("a");
      work.add("a");
      assertThat(runs.poll(60, TimeUnit.SECONDS)).isEqualTo("a");
    }
  }

  @Test
  void anErrorIsAFailureAsOthersAndIsRepeated() throws Exception {
    KeyedWork.Job<String> failing =
        key -> {
          runs.add(key);
          if (runs.size() == 1) {
            throw new StackOverflowError();
          }
        };
    try (var work = new KeyedWork<>("test", failing, 1, pauses(SHORT))) {
      work.add("a");
      while (runs.size() < 2) {
        Thread.onSpinWait();
      }
      assertThat(runs).containsExactly("a", "a");
    }
  }

  private static BackOff pauses(Duration min) {
    return new BackOff(min, HOUR);
  }
}
