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
 * Removes a member from the cluster when the database no longer lists it as living. PostgreSQL sees
 * at once that a process has died, because its session ends; so the member's executions move to
 * other nodes without waiting for the split-brain resolver.
 *
 * <p>A member without a session whose remoting refuses connections has died, and is removed at
 * once. Any other member without a session may only have lost its session. It is removed if several
 * checks in a row have missed it: it is cut off from the database, so its executions can't continue
 * there.
 *
 * <p>A member whose process has ended is removed after about 1 s; a member that has lost its
 * session while its port is open, after about 4 s. If the whole machine is lost, the session stays
 * until its heartbeat is 10 s old, so the split-brain resolver comes first, after 11 to 12 s (4 s
 * without a heartbeat between the nodes, then 7 s without a change).
 *
 * <p>The watch records in the database which members the cluster has removed. A removed member that
 * still runs, because it stood still or was cut off from the other members only, reads this record
 * and stops. Without the record it would notice its removal only after 11 s.
 *
 * <p>An outage of the database removes no member: a check counts only if this node's own session
 * has not been interrupted for some time. If a member is removed by mistake, it stops although it
 * could have continued; the stored data stay correct, because the database lets only one node
 * write.
 */
final class SessionWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionWatch.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /**
   * A member is removed after this many missed checks in a row. A living node reopens a lost
   * session in less time; see EngineSession.
   */
  private static final int MISSED_CHECKS_MAX = 8;

  /**
   * The process of a member is probed in the first missed checks only: if it has not ended by then,
   * it has probably only lost its session.
   */
  private static final int PROBED_CHECKS_MAX = 2;

  private final ClusterNode node;
  private final ClusterTables tables;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /** The addresses that the database has listed as living at least once since this watch began. */
  private final Set<String> known = new HashSet<>();

  /** How many checks in a row have missed an address. */
  private final Map<String, Integer> missing = new HashMap<>();

  /** The ids of the other members by address. */
  private final Map<String, Integer> members = new HashMap<>();

  /** Whether the database has listed this node as a member before. */
  private boolean wasMember;

  /** A watch that is not started. */
  SessionWatch(ClusterNode node, ClusterTables tables) {
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
        check();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void check() {
    try {
      checkMembership();
      if (!tables.isUninterruptedFor(INTERVAL.multipliedBy(MISSED_CHECKS_MAX + 1L))) {
        missing.clear();
        return;
      }
      var nodes = tables.live();
      nodes.stream()
          .filter(Node::joined)
          .forEach(member -> members.put(member.address(), member.id()));
      var living = nodes.stream().map(Node::address).collect(Collectors.toSet());
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

  private void checkMembership() {
    var addresses = node.addressesIfUp();
    if (addresses.isEmpty()) {
      return;
    }
    var isMember = tables.isMember(node.address());
    if (wasMember && !isMember) {
      LOG.warn("the other nodes have removed this one from the cluster; it stops");
      node.stopAsRemoved();
      return;
    }
    wasMember |= isMember;
    noteRemoved(addresses);
  }

  /** Records the members that the cluster has removed. */
  private void noteRemoved(Set<String> addresses) {
    for (var gone = members.entrySet().iterator(); gone.hasNext(); ) {
      var member = gone.next();
      if (!addresses.contains(member.getKey())) {
        tables.removed(member.getValue());
        gone.remove();
      }
    }
  }

  private void missed(String member, int checks) {
    if (checks <= PROBED_CHECKS_MAX && node.hasEnded(member)) {
      LOG.warn("the process of node {} has ended; it is taken out of the cluster", member);
      node.down(member);
    } else if (checks == MISSED_CHECKS_MAX) {
      LOG.warn(
          "node {} has no session of the database any more; it is taken out of the cluster",
          member);
      node.down(member);
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
