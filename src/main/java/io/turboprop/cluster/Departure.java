package io.turboprop.cluster;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of a node's way out of the cluster: its shards move to other nodes, a few at a
 * time, see {@link ShardMoves}. The node leaves the cluster afterwards, when it has none.
 *
 * <p>If no other node stays, no node can take over the shards, and there is nothing to agree upon:
 * the node then counts as down at once, and its executions go on when nodes start again.
 */
final class Departure {
  private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /**
   * If no shard has moved for so long, the coordinator can't move them, or it is of an older
   * version that does not know departures. Pekko's own way follows then: all at once.
   */
  private static final Duration WITHOUT_A_MOVE_MAX = Duration.ofSeconds(5);

  private final Cluster cluster;
  private final Departures departures;
  private final Supplier<OptionalInt> shardsHere;

  private Departure(Cluster cluster, Departures departures, Supplier<OptionalInt> shardsHere) {
    this.cluster = cluster;
    this.departures = departures;
    this.shardsHere = shardsHere;
  }

  /**
   * Has the system move its shards when it shuts down.
   *
   * @param shardsHere the number of shards that this node has; empty if it is not known now; blocks
   */
  static void prepare(
      ActorSystem<?> system, Departures departures, Supplier<OptionalInt> shardsHere) {
    var departure = new Departure(Cluster.get(system), departures, shardsHere);
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown(),
            "move-shards",
            () -> {
              var moved = new CompletableFuture<Done>();
              Thread.ofVirtual()
                  .name("departure")
                  .start(() -> {
                    try {
                      departure.moveShards();
                    } finally {
                      moved.complete(Done.done());
                    }
                  });
              return moved;
            });
  }

  private void moveShards() {
    if (!isUp(cluster.selfMember())) {
      return;
    }
    departures.announce();
    var begun = System.nanoTime();
    var last = OptionalInt.empty();
    var lastMove = begun;
    for (var shards = shardsHere.get(); !isNone(shards); shards = shardsHere.get()) {
      if (!anotherStays()) {
        LOG.info("no other node stays; the executions go on when nodes start again");
        cluster.down(cluster.selfAddress());
        return;
      }
      if (shards.isPresent() && (last.isEmpty() || shards.getAsInt() < last.getAsInt())) {
        last = shards;
        lastMove = System.nanoTime();
      }
      if (System.nanoTime() - lastMove > WITHOUT_A_MOVE_MAX.toNanos()) {
        LOG.warn(
            "{} shards could not be moved one after the other; all move at once",
            last.isPresent() ? last.getAsInt() : "the");
        return;
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
    LOG.info(
        "the executions have moved to other nodes within {} ms",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }

  private static boolean isNone(OptionalInt shards) {
    return shards.isPresent() && shards.getAsInt() == 0;
  }

  private boolean anotherStays() {
    var leaving = departures.addresses();
    var unreachable = cluster.state().getUnreachable();
    for (Member member : cluster.state().getMembers()) {
      if (isUp(member)
          && member.hasRole(Role.ENGINE.text())
          && !member.uniqueAddress().equals(cluster.selfUniqueAddress())
          && !leaving.contains(member.address())
          && !unreachable.contains(member)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUp(Member member) {
    return member.status().equals(MemberStatus.up());
  }
}
