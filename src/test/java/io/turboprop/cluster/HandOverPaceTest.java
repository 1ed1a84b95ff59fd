package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandOverPaceTest {
  private long now = Long.MAX_VALUE - 10; // nanoTime may overflow

  private HandOverPace pace(int shards) {
    return new HandOverPace(shards, () -> now);
  }

  @Test
  void shardsTakeTurns() {
    var pace = pace(64);
    assertThat(pace.untilTurnOf("a")).isZero();
    assertThat(pace.untilTurnOf("b")).isEqualTo(Duration.ofMillis(50));
    assertThat(pace.untilTurnOf("c")).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void allExecutionsOfAShardHaveTheSameTurn() {
    var pace = pace(64);
    pace.untilTurnOf("a");
    pace.untilTurnOf("b");
    now += Duration.ofMillis(20).toNanos();
    assertThat(pace.untilTurnOf("b")).isEqualTo(Duration.ofMillis(30));
    assertThat(pace.untilTurnOf("a")).isZero();
  }

  @Test
  void aLaterHandOverBeginsAtOnce() {
    var pace = pace(64);
    pace.untilTurnOf("a");
    pace.untilTurnOf("b");
    now += Duration.ofMinutes(1).toNanos();
    assertThat(pace.untilTurnOf("b")).isZero();
    assertThat(pace.untilTurnOf("a")).isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void manyShardsTakeNoLongerThanAShutdownWaits() {
    var pace = pace(2000);
    assertThat(IntStream.range(0, 2000).mapToObj(shard -> pace.untilTurnOf("s" + shard)))
        .allMatch(wait -> wait.compareTo(Duration.ofSeconds(5)) < 0);
  }
}
