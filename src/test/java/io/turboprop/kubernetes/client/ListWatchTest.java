package io.turboprop.kubernetes.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.setting.BackOff;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ListWatchTest {
  private static final Duration RETRY = Duration.ofMillis(20);

  /** When the API server was asked for a watch. */
  private final LinkedBlockingQueue<Long> watches = new LinkedBlockingQueue<>();

  @Test
  void aServerThatEndsEachWatchAtOnceIsAskedAfterGrowingPauses() throws Exception {
    assertThat(pauses(new Source(false))).satisfies(ListWatchTest::areGrowing);
  }

  @Test
  void aServerThatForgetsEachVersionAtOnceIsAskedAfterGrowingPauses() throws Exception {
    assertThat(pauses(new Source(true))).satisfies(ListWatchTest::areGrowing);
  }

  private static void areGrowing(List<? extends Duration> pauses) {
    for (int i = 0; i < pauses.size(); i++) {
      assertThat(pauses.get(i)).isGreaterThanOrEqualTo(RETRY.multipliedBy(1L << i));
    }
  }

  /** The pauses between the first watches. */
  private List<Duration> pauses(Source source) throws InterruptedException {
    var settings =
        new WatchSettings(10, Duration.ofHours(1), new BackOff(RETRY, Duration.ofHours(1)));
    var pauses = new ArrayList<Duration>();
    try (var watch = new ListWatch<>("things", source, new Deaf(), settings, Clock.systemUTC())) {
      watch.start();
      var last = next();
      for (int i = 0; i < 3; i++) {
        var now = next();
        pauses.add(Duration.ofNanos(now - last));
        last = now;
      }
    }
    return pauses;
  }

  private long next() throws InterruptedException {
    var at = watches.poll(60, TimeUnit.SECONDS);
    assertThat(at).isNotNull();
    return at;
  }

  private final class Source implements WatchedObjects<String> {
    private final boolean forgets;

    Source(boolean forgets) {
      this.forgets = forgets;
    }

    @Override
    public Page<String> list(String next) {
      return new Page<>(List.of(), "1", "");
    }

    @Override
    public void watch(String version, Consumer<Change<String>> changes) throws ExpiredException {
      watches.add(System.nanoTime());
      if (forgets) {
        throw new ExpiredException("too old resource version");
      }
    }
  }

  private static final class Deaf implements ListWatch.Listener<String> {
    @Override
    public void listing() {}

    @Override
    public void present(String object) {}

    @Override
    public void gone(String object) {}

    @Override
    public void listed(String version) {}
  }
}
