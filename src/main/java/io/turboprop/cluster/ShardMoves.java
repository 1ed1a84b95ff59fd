package io.turboprop.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.util.Version;

/**
 * The rules by which shards get a node and move to another one. A few shards move at a time: while
 * a shard moves, its executions stand still and messages to them wait. Pekko's coordinator stops
 * all shards at once that it is told to move, but starts them elsewhere one by one, after two
 * writes to a majority of the nodes each. If all shards of a node moved at once, the last ones
 * would stand still until all others have moved.
 */
final class ShardMoves {
  /**
   * How many shards move at the same time. With more of them each takes longer, since the
   * coordinator writes for one at a time.
   */
  static final int AT_ONCE_MAX = 3;

  private ShardMoves() {}

  /**
   * A node that runs executions.
   *
   * @param node its identity
   * @param stays whether it is not about to leave
   * @param version the version of its program
   * @param shards those that it has
   */
  record Host<N>(N node, boolean stays, Version version, List<String> shards) {}

  /**
   * The node for a shard: a node that stays, with the newest version, with the fewest shards. So a
   * rolling upgrade moves no shard to a node that has yet to be upgraded, unless all are.
   */
  static <N> Optional<N> best(Collection<Host<N>> hosts) {
    return hosts.stream()
        .min(
            Comparator.comparing((Host<N> host) -> !host.stays())
                .thenComparing(Host::version, Comparator.reverseOrder())
                .thenComparing(host -> host.shards().size()))
        .map(Host::node);
  }

  /**
   * The shards that begin to move now: first those of nodes that are about to leave, then so many
   * that the others have equally many. During an upgrade only the first, because each shard would
   * move twice.
   *
   * @param moving those that move already
   */
  static <N> Set<String> next(Collection<Host<N>> hosts, Set<String> moving) {
    var staying = hosts.stream().filter(Host::stays).toList();
    var room = AT_ONCE_MAX - moving.size();
    if (staying.isEmpty() || room <= 0) {
      return Set.of();
    }
    var next = new HashSet<String>();
    hosts.stream()
        .filter(host -> !host.stays())
        .flatMap(host -> host.shards().stream())
        .filter(shard -> !moving.contains(shard))
        .limit(room)
        .forEach(next::add);
    if (next.isEmpty() && staying.stream().map(Host::version).distinct().count() == 1) {
      balance(staying, moving, room, next);
    }
    return next;
  }

  private static <N> void balance(
      List<Host<N>> hosts, Set<String> moving, int room, Set<String> next) {
    var loads = new ArrayList<Load>();
    hosts.forEach(host -> loads.add(new Load(host.shards(), moving)));
    // Where shards that move will arrive.
    moving.forEach(_ -> least(loads).count++);
    for (var most = most(loads); next.size() < room; most = most(loads)) {
      var least = least(loads);
      if (most.count - least.count < 2) {
        return;
      }
      most.count--;
      least.count++;
      next.add(most.settled.removeLast());
    }
  }

  private static Load least(List<Load> loads) {
    return loads.stream().min(Comparator.comparing(load -> load.count)).orElseThrow();
  }

  private static Load most(List<Load> loads) {
    return loads.stream().max(Comparator.comparing(load -> load.settled.size())).orElseThrow();
  }

  /** The shards of a node: those that stay so far, and how many it has with those that arrive. */
  private static final class Load {
    final List<String> settled;
    int count;

    Load(List<String> shards, Set<String> moving) {
      this.settled = new ArrayList<>(shards);
      this.settled.removeAll(moving);
      this.count = settled.size();
    }
  }
}
