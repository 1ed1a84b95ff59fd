package io.turboprop.cluster;

import io.turboprop.store.ClusterTables;
import io.turboprop.store.ClusterTables.Node;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes members out of the cluster that the database does not know as living any more. PostgreSQL
 * sees at once that a process has died, since its session ends; so its executions need not wait
 * until the split-brain resolver is sure.
 *
 * <p>A member without a session whose remoting refuses connections has died, and is taken out at
 * once. Another one may only have lost its session, and is taken out if it was missing in several
 * looks in a row: it is cut off from the database, and its executions can't go on there.
 *
 * <p>It never takes out a node because of an outage: no look counts unless this node's own session
 * was not interrupted for some time. If it is wrong all the same, a node ends that could have gone
 * on; what is written stays right, since the database decides who may write.
 */
final class SessionWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionWatch.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** A session that was cut, of a node that lives, is back sooner; see EngineSession. */
  private static final int MISSING_LOOKS = 8;

  /** A process that has not ended by then has probably not died. */
  private static final int PROBED_LOOKS = 2;

  private final ClusterNode node;
  private final ClusterTables tables;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /** The addresses that have lived since this node looks. */
  private final Set<String> known = new HashSet<>();

  /** How many looks in a row an address was missing. */
  private final Map<String, Integer> missing = new HashMap<>();

  private SessionWatch(ClusterNode node, ClusterTables tables) {
    this.node = node;
    this.tables = tables;
    this.thread = Thread.ofVirtual().name("session-watch").unstarted(this::run);
  }

  static SessionWatch start(ClusterNode node, ClusterTables tables) {
    var watch = new SessionWatch(node, tables);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      if (!tables.isUninterruptedFor(INTERVAL.multipliedBy(MISSING_LOOKS + 1L))) {
        missing.clear();
        return;
      }
      var living = tables.live().stream().map(Node::address).collect(Collectors.toSet());
      known.addAll(living);
      missing.keySet().removeAll(living);
      for (var member : node.othersInService()) {
        if (known.contains(member) && !living.contains(member)) {
          missed(member, missing.merge(member, 1, Integer::sum));
        }
      }
    } catch (RuntimeException e) {
      LOG.debug("the database can't be asked now which nodes live", e);
      missing.clear();
    }
  }

  private void missed(String member, int looks) {
    if (looks <= PROBED_LOOKS && node.hasEnded(member)) {
      LOG.warn("the process of node {} has ended; it is taken out of the cluster", member);
      node.takeOut(member);
    } else if (looks == MISSING_LOOKS) {
      LOG.warn(
          "node {} has no session of the database any more; it is taken out of the cluster",
          member);
      node.takeOut(member);
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
