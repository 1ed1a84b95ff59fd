package io.turboprop.cluster;

import io.turboprop.postgres.StoreException;
import io.turboprop.store.ClusterTables;
import io.turboprop.store.ClusterTables.Admission;
import io.turboprop.store.ClusterTables.NewNode;
import io.turboprop.store.ClusterTables.Node;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.pekko.management.cluster.bootstrap.ClusterBootstrap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a node into the cluster. One database has one cluster: the database knows which nodes
 * live, a node joins those, and forms a cluster only if none lives. So two nodes that start at once
 * do not form two clusters, and any of the seeds may be the first.
 *
 * <p>With discovery (DNS, Kubernetes), Pekko's Cluster Bootstrap decides whom a node joins; here it
 * is only made sure that these are the nodes that the database knows.
 */
public final class ClusterEntry {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterEntry.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final Duration JOIN_AGAIN = Duration.ofSeconds(5);

  /** The pause between two lines of the log about the same wait. */
  private static final Duration LINE_AGAIN = Duration.ofSeconds(10);

  /** A node that lives has its session again within this time after the database is back. */
  private static final Duration SESSIONS_BACK_WITHIN = Duration.ofSeconds(10);

  private final ClusterNode node;
  private final ClusterSettings settings;
  private final ClusterTables tables;
  private final NewNode self;
  private final CompletableFuture<Void> up;

  private final long firstLookNanos = System.nanoTime();
  private long lastLineNanos = firstLookNanos - LINE_AGAIN.toNanos();

  /** The members that were waited for at the last look, and those that need not be. */
  private List<Node> waitedFor = List.of();

  private final Set<Integer> ended = new HashSet<>();

  /** The id of a node that is alone. */
  private OptionalInt alone = OptionalInt.empty();

  private ClusterEntry(
      ClusterNode node, ClusterSettings settings, ClusterTables tables, NewNode self) {
    this.node = node;
    this.settings = settings;
    this.tables = tables;
    this.self = self;
    this.up = node.up().toCompletableFuture();
  }

  /**
   * Begins the way. A node that is alone forms its cluster at once, while its other parts are
   * built. A node that joins others does so when it is {@link #complete}: the others count on a
   * member to take part in the sharding.
   *
   * @param version of this Turboprop
   * @param api the address of this node's API
   */
  public static ClusterEntry begin(
      ClusterNode node, ClusterSettings settings, ClusterTables tables, String version, URI api) {
    var self =
        new NewNode(
            node.address(),
            settings.meetingPoints(),
            settings.roles().stream().map(Role::text).collect(Collectors.toSet()),
            version,
            api.toString());
    var entry = new ClusterEntry(node, settings, tables, self);
    if (settings.isAlone()) {
      entry.alone = OptionalInt.of(entry.bySeeds());
    }
    return entry;
  }

  /**
   * Waits until the node is a member, once its sharding has been started. Blocks.
   *
   * @throws StoreException when another cluster uses the database; the message names its nodes
   */
  public Members complete() {
    return new Members(tables, alone.orElseGet(this::join));
  }

  private int join() {
    return settings.discovery() == ClusterSettings.Discovery.SEEDS ? bySeeds() : byDiscovery();
  }

  /**
   * Watches over the other members from now on, see {@link SessionWatch}; a node that is alone has
   * none.
   */
  public static AutoCloseable watch(
      ClusterNode node, ClusterSettings settings, ClusterTables tables) {
    return settings.isAlone() ? () -> {} : SessionWatch.start(node, tables);
  }

  private int bySeeds() {
    var id = tables.register(self);
    join(awaitEntry(id, this::mayEnter));
    if (!settings.isAlone()) {
      while (!isUp()) {
        tables.enter(id, this::mayEnter).ifPresent(this::join);
      }
      tables.joined(id);
    }
    return id;
  }

  /** Enters the node into the cluster as soon as it is admitted. */
  private List<Node> awaitEntry(int id, Admission admission) {
    var entered = tables.enter(id, admission);
    while (entered.isEmpty()) {
      if (!findEnded()) {
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
      entered = tables.enter(id, admission);
    }
    return entered.orElseThrow();
  }

  /**
   * Looks which of the members that were waited for have certainly ended; whether there are any.
   */
  private boolean findEnded() {
    var found = waitedFor.stream().filter(member -> node.hasEnded(member.address())).toList();
    found.forEach(member -> ended.add(member.id()));
    waitedFor = List.of();
    return !found.isEmpty();
  }

  private void join(List<Node> members) {
    if (members.isEmpty()) {
      node.form();
    } else {
      node.join(members.stream().map(Node::address).toList());
    }
  }

  /** Whether the node may enter: if no member lives, a seed may, and a node that is alone. */
  private boolean mayEnter(List<Node> living, List<Node> silent) {
    if (settings.isAlone()) {
      return true;
    }
    if (living.isEmpty()) {
      return isSeed() && !mayLive(silent);
    }
    if (living.stream().noneMatch(this::isOfOurCluster)) {
      throw refusal(living, "turboprop.cluster.seeds names none of them");
    }
    return true;
  }

  private boolean isSeed() {
    var isSeed = settings.seeds().contains(self.address());
    if (!isSeed) {
      logAtTimes(
          "this node ({}) is none of turboprop.cluster.seeds and waits for one of them: {}",
          self.address(),
          settings.seeds());
    }
    return isSeed;
  }

  /**
   * Whether members without a session may live. When PostgreSQL was restarted, or the network to it
   * has failed, all sessions end at once, while the nodes and what they run live on. A node that
   * starts before their sessions are back would find no member, form another cluster, and make them
   * stop. So it gives them some time, counted from its own first look: then the database answers,
   * and they reach it as well. Those whose process has certainly ended need none; so a cluster that
   * was killed as a whole starts without a pause.
   */
  private boolean mayLive(List<Node> silent) {
    if (System.nanoTime() - firstLookNanos > SESSIONS_BACK_WITHIN.toNanos()) {
      return false;
    }
    waitedFor = silent.stream().filter(member -> !ended.contains(member.id())).toList();
    if (!waitedFor.isEmpty()) {
      logAtTimes(
          "members of the cluster have no session of the database, and may live: {}; this node"
              + " gives them {} s",
          addresses(waitedFor),
          SESSIONS_BACK_WITHIN.toSeconds());
    }
    return !waitedFor.isEmpty();
  }

  private void logAtTimes(String line, Object... values) {
    if (System.nanoTime() - lastLineNanos > LINE_AGAIN.toNanos()) {
      lastLineNanos = System.nanoTime();
      LOG.info(line, values);
    }
  }

  private boolean isOfOurCluster(Node member) {
    return settings.isOfThisCluster(member.address(), member.meetingPoints());
  }

  private int byDiscovery() {
    var id = tables.register(self);
    tables.live().stream()
        .filter(member -> member.joined() && !isOfOurCluster(member))
        .findAny()
        .ifPresent(member -> {
          throw refusal(List.of(member), "it is not found by " + settings.meetingPoints());
        });
    ClusterBootstrap.get(node.system()).start();
    while (!isUp()) {
      LOG.info("waits for other nodes, which are looked up by {}", settings.meetingPoints());
    }
    var _ = awaitEntry(id, this::areAmongUs);
    tables.joined(id);
    return id;
  }

  private boolean areAmongUs(List<Node> living, List<Node> silent) {
    var addresses = node.memberAddresses();
    if (!living.isEmpty()
        && living.stream().noneMatch(member -> addresses.contains(member.address()))) {
      throw refusal(living, "this node has found only " + addresses);
    }
    return !living.isEmpty() || !mayLive(silent);
  }

  private static StoreException refusal(List<Node> members, String reason) {
    return new StoreException(
        ("the database is in use by another cluster, with the nodes %s: %s. Let this node find that"
                + " cluster, or give it another database (turboprop.store.external.url)")
            .formatted(addresses(members), reason));
  }

  private static String addresses(List<Node> nodes) {
    return nodes.stream().map(Node::address).collect(Collectors.joining(", "));
  }

  /** Waits a while for the node to be up. */
  private boolean isUp() {
    var stopped = node.stopped().toCompletableFuture();
    try {
      CompletableFuture.anyOf(up, stopped).get(JOIN_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the node can't join the cluster", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the node was stopped before it had joined the cluster", e);
    }
    if (stopped.isDone()) {
      throw new IllegalStateException(stopped.join());
    }
    return true;
  }
}
