package io.turboprop.cluster;

import io.turboprop.cluster.ShardMoves.Host;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.ShardCoordinator;
import org.apache.pekko.dispatch.Futures;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Applies {@link ShardMoves} to the members of the cluster; Pekko's coordinator asks it, several
 * times a second. While shards move and when they have moved, it notifies the {@link Waker}, which
 * is on the same node: regions drop some messages to a shard that moves, so that a new execution
 * might not begin before the next regular sweep.
 */
final class ShardAllocation extends ShardCoordinator.AbstractShardAllocationStrategy {
  private static final Set<MemberStatus> ENTERING =
      Set.of(MemberStatus.joining(), MemberStatus.weaklyUp());

  private static final long NEWS_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ActorSystem<?> system;
  private final Cluster cluster;
  private final Departures departures;

  /** Whether shards have moved since the waker was told. */
  private boolean isNews;

  private long lastNewsNanos;

  ShardAllocation(ActorSystem<?> system, Departures departures) {
    this.system = system;
    this.cluster = Cluster.get(system);
    this.departures = departures;
  }

  @Override
  public Future<ActorRef> allocateShard(
      ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> allocations) {
    // The region that asks, if this node does not know any region as a member yet.
    return Futures.successful(ShardMoves.best(hosts(allocations)).orElse(requester));
  }

  /**
   * None while a member can't be reached, because each region has to confirm that a shard moves;
   * and none while a node is entering, which will soon get its share.
   */
  @Override
  public Future<Set<String>> rebalance(
      Map<ActorRef, IndexedSeq<String>> allocations, Set<String> moving) {
    tellWaker(!moving.isEmpty());
    return Futures.successful(
        isCalm() ? ShardMoves.next(hosts(allocations), moving) : Set.<String>of());
  }

  private void tellWaker(boolean areMoving) {
    isNews |= areMoving;
    var now = System.nanoTime();
    if (isNews && (!areMoving || now - lastNewsNanos > NEWS_PAUSE_NANOS)) {
      system.eventStream().tell(new EventStream.Publish<>(new Waker.ShardsMoved()));
      isNews = areMoving;
      lastNewsNanos = now;
    }
  }

  private boolean isCalm() {
    var state = cluster.state();
    if (!state.getUnreachable().isEmpty()) {
      return false;
    }
    for (Member member : state.getMembers()) {
      if (ENTERING.contains(member.status())) {
        return false;
      }
    }
    return true;
  }

  private List<Host<ActorRef>> hosts(Map<ActorRef, IndexedSeq<String>> allocations) {
    var members = new HashMap<Address, Member>();
    cluster.state().getMembers().forEach(member -> members.put(member.address(), member));
    var leaving = departures.addresses();
    var hosts = new ArrayList<Host<ActorRef>>();
    allocations.forEach((region, shards) -> {
      var address =
          region.path().address().hasLocalScope() ? cluster.selfAddress() : region.path().address();
      var member = members.get(address);
      if (member != null) {
        hosts.add(
            new Host<>(
                region,
                member.status().equals(MemberStatus.up()) && !leaving.contains(address),
                member.appVersion(),
                CollectionConverters.asJava(shards)));
      }
    });
    return hosts;
  }
}
