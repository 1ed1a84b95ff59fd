package io.turboprop.cluster;

import io.turboprop.postgres.StoreException;
import io.turboprop.store.ClusterTables;
import io.turboprop.store.ClusterTables.EntryRule;
import io.turboprop.store.ClusterTables.NewNode;
import io.turboprop.store.ClusterTables.Node;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.pekko.management.cluster.bootstrap.ClusterBootstrap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a node into the cluster. One database has one cluster. A node asks the database which
 * members live and joins them. It forms a new cluster only if no member lives. So two nodes that
 * start at once do not form two clusters, and any of the seeds may be the first.
 *
 * <p>With discovery (DNS, Kubernetes), Cluster Bootstrap chooses the members to join. This class
 * only checks that the database lists them too.
 */
public final class ClusterEntry {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterEntry.class);
  private static final Duration CHECK_AGAIN = Duration.ofMillis(500);
  private static final Duration JOIN_AGAIN = Duration.ofSeconds(5);

  /** The pause between two lines of the log about the same wait. */
  private static final Duration LINE_AGAIN = Duration.ofSeconds(10);

  /** After an outage of the database, each living node opens its session again within this time. */
  private static final Duration SESSIONS_BACK_WITHIN = Duration.ofSeconds(10);

  private final ClusterNode node;
  private final ClusterSettings settings;
  private final ClusterTables tables;
  private final NewNode self;
  private final Duration sessionsBackWithin;
  private final CompletableFuture<Void> up;

  private final long firstCheckNanos = System.nanoTime();
  private long lastLineNanos = firstCheckNanos - LINE_AGAIN.toNanos();

  /** Silent members that the last check waited for. */
  private List<Node> waitedFor = List.of();

  /** Ids of silent members whose process has certainly ended. */
  private final Set<Integer> ended = new HashSet<>();

  /** The id of a standalone node, once it is registered. */
  private Optional<CompletableFuture<Integer>> alone = Optional.empty();

  private ClusterEntry(
      ClusterNode node,
      ClusterSettings settings,
      ClusterTables tables,
      NewNode self,
      Duration sessionsBackWithin) {
    this.sessionsBackWithin = sessionsBackWithin;
    this.node = node;
    this.settings = settings;
    this.tables = tables;
    this.self = self;
    this.up = node.up().toCompletableFuture();
  }

  /**
   * Begins the entry. A standalone node forms its cluster at once, and is registered while its
   * other parts are built: the session of its engine lets no other engine in. A node with others
   * joins only in {@link #complete}, because the members give shards to each new member at once.
   *
   * @param version of this Turboprop
   * @param api the address of this node's API
   */
  public static ClusterEntry begin(
      ClusterNode node, ClusterSettings settings, ClusterTables tables, String version, URI api) {
    return begin(node, settings, tables, version, api, SESSIONS_BACK_WITHIN);
  }

  static ClusterEntry begin(
      ClusterNode node,
      ClusterSettings settings,
      ClusterTables tables,
      String version,
      URI api,
      Duration sessionsBackWithin) {
    var self =
        new NewNode(
            node.address(),
            settings.meetingPoints(),
            settings.roles().stream().map(Role::text).collect(Collectors.toSet()),
            version,
            api.toString());
    var entry = new ClusterEntry(node, settings, tables, self, sessionsBackWithin);
    if (settings.isStandalone()) {
      node.form();
      entry.alone =
          Optional.of(CompletableFuture.supplyAsync(entry::registered, Thread::startVirtualThread));
    }
    return entry;
  }

  /**
   * Call after the sharding has started. Waits until the node is a member; a standalone node waits
   * only until it is registered. Blocks.
   *
   * @throws StoreException when another cluster uses the database; the message names its nodes
   */
  public Members complete() {
    return new Members(tables, alone.map(ClusterEntry::result).orElseGet(this::join));
  }

  private static int result(CompletableFuture<Integer> id) {
    try {
      return id.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  /** Registers a standalone node as the only one of its cluster. */
  private int registered() {
    var id = tables.register(self);
    var _ = awaitEntry(id, this::mayEnter);
    return id;
  }

  private int join() {
    return settings.discovery() == ClusterSettings.Discovery.SEEDS ? bySeeds() : byDiscovery();
  }

  /**
   * Watches over the other members from now on, see {@link SessionWatch}; a standalone node has
   * none.
   */
  public static AutoCloseable watch(
      ClusterNode node, ClusterSettings settings, ClusterTables tables) {
    return settings.isStandalone() ? () -> {} : SessionWatch.start(node, tables);
  }

  private int bySeeds() {
    var id = tables.register(self);
    join(awaitEntry(id, this::mayEnter));
    while (!isUp()) {
      tables.enter(id, this::mayEnter).ifPresent(this::join);
    }
    tables.joined(id);
    return id;
  }

  /** Enters the node into the cluster as soon as it is admitted. */
  private List<Node> awaitEntry(int id, EntryRule rule) {
    var entered = tables.enter(id, rule);
    while (entered.isEmpty()) {
      if (!findEnded()) {
        LockSupport.parkNanos(CHECK_AGAIN.toNanos());
      }
      entered = tables.enter(id, rule);
    }
    return entered.orElseThrow();
  }

  /**
   * Probes the silent members and remembers those that have ended. Returns whether it found any.
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

  /**
   * Whether the node may enter. A standalone node may always enter. If no member lives, only a seed
   * may, and only after silent members had time to return.
   */
  private boolean mayEnter(List<Node> living, Supplier<List<Node>> silent) {
    if (settings.isStandalone()) {
      return true;
    }
    if (living.isEmpty()) {
      return isSeed() && !mayLive(silent);
    }
    if (living.stream().noneMatch(this::sharesMeetingPoint)) {
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
   * has failed, all sessions end at once, while the nodes and their tasks live on. A node that
   * starts before their sessions are back would find no member, form another cluster, and make them
   * stop. So it waits for them for some time. The time counts from this node's first check, because
   * the database answered that check, so the silent members can reach it too. The node does not
   * wait for members whose process has certainly ended; so a cluster that was killed as a whole
   * starts without a pause.
   */
  private boolean mayLive(Supplier<List<Node>> silent) {
    if (System.nanoTime() - firstCheckNanos > sessionsBackWithin.toNanos()) {
      return false;
    }
    waitedFor = silent.get().stream().filter(member -> !ended.contains(member.id())).toList();
    if (!waitedFor.isEmpty()) {
      logAtTimes(
          "members {} have no database session but may still run; this node waits up to {} s for"
              + " them before it forms a new cluster",
          addresses(waitedFor),
          sessionsBackWithin.toSeconds());
    }
    return !waitedFor.isEmpty();
  }

  private void logAtTimes(String line, Object... values) {
    if (System.nanoTime() - lastLineNanos > LINE_AGAIN.toNanos()) {
      lastLineNanos = System.nanoTime();
      LOG.info(line, values);
    }
  }

  private boolean sharesMeetingPoint(Node member) {
    return settings.isOfThisCluster(member.address(), member.meetingPoints());
  }

  private int byDiscovery() {
    var id = tables.register(self);
    tables.live().stream()
        .filter(member -> member.joined() && !sharesMeetingPoint(member))
        .findAny()
        .ifPresent(member -> {
          throw refusal(List.of(member), "it is not found by " + settings.meetingPoints());
        });
    ClusterBootstrap.get(node.system()).start();
    while (!isUp()) {
      LOG.info("waits for other nodes, which are looked up by {}", settings.meetingPoints());
    }
    var _ = awaitEntry(id, this::mayEnterByDiscovery);
    tables.joined(id);
    return id;
  }

  private boolean mayEnterByDiscovery(List<Node> living, Supplier<List<Node>> silent) {
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
