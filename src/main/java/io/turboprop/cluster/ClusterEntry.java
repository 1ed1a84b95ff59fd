package io.turboprop.cluster;

import io.turboprop.postgres.StoreException;
import io.turboprop.store.ClusterTables;
import io.turboprop.store.ClusterTables.Entry;
import io.turboprop.store.ClusterTables.NewNode;
import io.turboprop.store.ClusterTables.Node;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
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

  /** How many looks are between two lines of the log. */
  private static final int LOOKS_PER_LINE = 20;

  private final ClusterNode node;
  private final ClusterSettings settings;
  private final ClusterTables tables;
  private final NewNode self;
  private final CompletableFuture<Void> up;

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
    var entry = tables.enter(self, this::mayEnter);
    for (var looks = 1; entry.isEmpty(); looks++) {
      if (looks % LOOKS_PER_LINE == 1) {
        LOG.info(
            "this node ({}) is none of turboprop.cluster.seeds and waits for one of them: {}",
            self.address(),
            settings.seeds());
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      entry = tables.enter(self, this::mayEnter);
    }
    var id = entry.orElseThrow().id();
    join(entry.orElseThrow());
    if (!settings.isAlone()) {
      while (!isUp()) {
        tables.enterAgain(id, this::mayEnter).ifPresent(this::join);
      }
      tables.joined(id);
    }
    return id;
  }

  private void join(Entry entry) {
    if (entry.members().isEmpty()) {
      node.form();
    } else {
      node.join(entry.members().stream().map(Node::address).toList());
    }
  }

  /** Whether the node may enter: if no member lives, a seed may, and a node that is alone. */
  private boolean mayEnter(List<Node> members) {
    if (members.isEmpty()) {
      return settings.isAlone() || settings.seeds().contains(self.address());
    }
    if (members.stream().noneMatch(this::isOfOurCluster)) {
      throw refusal(members, "turboprop.cluster.seeds names none of them");
    }
    return true;
  }

  private boolean isOfOurCluster(Node member) {
    return settings.isOfThisCluster(member.address(), member.meetingPoints());
  }

  private int byDiscovery() {
    tables.live().stream()
        .filter(member -> !isOfOurCluster(member))
        .findAny()
        .ifPresent(member -> {
          throw refusal(List.of(member), "it is not found by " + settings.meetingPoints());
        });
    ClusterBootstrap.get(node.system()).start();
    while (!isUp()) {
      LOG.info("waits for other nodes, which are looked up by {}", settings.meetingPoints());
    }
    var id = tables.enter(self, this::areAmongUs).orElseThrow().id();
    tables.joined(id);
    return id;
  }

  private boolean areAmongUs(List<Node> members) {
    var addresses = node.memberAddresses();
    if (!members.isEmpty()
        && members.stream().noneMatch(member -> addresses.contains(member.address()))) {
      throw refusal(members, "this node has found only " + addresses);
    }
    return true;
  }

  private static StoreException refusal(List<Node> members, String reason) {
    return new StoreException(
        ("the database is in use by another cluster, with the nodes %s: %s. Let this node find that"
                + " cluster, or give it another database (turboprop.store.external.url)")
            .formatted(
                members.stream().map(Node::address).collect(Collectors.joining(", ")), reason));
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
