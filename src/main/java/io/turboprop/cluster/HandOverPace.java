package io.turboprop.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Says when each shard of a hand-over stops on this node. Pekko's coordinator asks for all shards
 * of a leaving node at once, but starts them elsewhere one by one, after two writes to a majority
 * of the nodes each. If all stopped when they are asked to, an execution of the last shard would
 * stand still until the coordinator has started all others. So the shards take turns: the
 * executions of a shard go on here until its turn has come, and each stands still only for about as
 * long as the move of its own shard takes. Thread-safe.
 */
final class HandOverPace {
  /** About the time that the coordinator needs for a shard while the machines are busy. */
  private static final Duration PAUSE_MAX = Duration.ofMillis(50);

  /** All shards of the cluster; a phase of Pekko's shutdown waits no longer than 10 s for them. */
  private static final Duration ALL_WITHIN = Duration.ofSeconds(4);

  /** When a shard's last turn is so long ago, it has come back to this node since. */
  private static final Duration TURN_KEPT = Duration.ofSeconds(30);

  private final long pauseNanos;
  private final LongSupplier nanoTime;
  private final Map<String, Long> turns = new HashMap<>();
  private long nextTurn;

  /**
   * @param shards how many the cluster has
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  HandOverPace(int shards, LongSupplier nanoTime) {
    this.pauseNanos = Math.min(PAUSE_MAX.toNanos(), ALL_WITHIN.toNanos() / shards);
    this.nanoTime = nanoTime;
    this.nextTurn = nanoTime.getAsLong();
  }

  /** How long a shard that was asked to stop goes on; the same moment for all its executions. */
  synchronized Duration untilTurnOf(String shard) {
    var now = nanoTime.getAsLong();
    turns.values().removeIf(turn -> now - turn > TURN_KEPT.toNanos());
    return Duration.ofNanos(Math.max(0, turns.computeIfAbsent(shard, _ -> nextTurn(now)) - now));
  }

  private long nextTurn(long now) {
    var turn = nextTurn - now > 0 ? nextTurn : now;
    nextTurn = turn + pauseNanos;
    return turn;
  }
}
