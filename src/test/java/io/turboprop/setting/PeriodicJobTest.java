package io.turboprop.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PeriodicJobTest {

  @Test
  void aJobGoesOnAfterFailuresOfAnyKind() throws Exception {
    var failures =
        new ArrayDeque<Throwable>(
            List.of(
                new IOException("away"),
                new IllegalStateException("a bug"),
                new NoClassDefFoundError("damaged")));
    var allFailed = new CountDownLatch(1);
    var job =
        PeriodicJob.of(
            LoggerFactory.getLogger(PeriodicJobTest.class),
            "the job of the test has failed, as it should; the next run retries",
            () -> {
              switch (failures.poll()) {
                case Exception e -> throw e;
                case Error e -> throw e;
                case null, default -> allFailed.countDown();
              }
            });
    try (var schedule = Executors.newSingleThreadScheduledExecutor()) {
      var repeated = schedule.scheduleWithFixedDelay(job, 0, 1, TimeUnit.MILLISECONDS);
      assertThat(allFailed.await(30, TimeUnit.SECONDS)).isTrue();
      repeated.cancel(false);
    }
  }
}
