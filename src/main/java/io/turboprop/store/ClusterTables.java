package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.CLUSTER;
import static io.turboprop.store.jooq.Tables.CLUSTER_NODE;
import static io.turboprop.store.jooq.Tables.LIVE_CLUSTER_NODE;

import io.turboprop.store.jooq.tables.records.ClusterNodeRecord;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jooq.types.DayToSecond;

/**
 * The cluster that uses this database, and its nodes. A node lives if PostgreSQL sees its session
 * and a recent seen_at. The database decides, so all nodes agree.
 */
public final class ClusterTables {
  /** Rows of nodes that were last seen before this are deleted. */
  private static final Field<Instant> WEEK_AGO =
      DSL.field("clock_timestamp() - interval '7 days'", SQLDataType.INSTANT);

  /**
   * Two nodes have lived at the same time if their last heartbeats are no further apart than this.
   */
  private static final Duration SEEN_WITHIN = Duration.ofSeconds(10);

  private static final UUID NONE = new UUID(0, 0);

  private static final int SIGNING_KEY_BYTES = 32;

  private final Database database;

  public ClusterTables(Database database) {
    this.database = database;
  }

  /**
   * A node that is about to enter the cluster.
   *
   * @param address host:port where the other nodes reach this one
   * @param meetingPoints the places where nodes of its cluster find each other
   * @param api http://host:port of its API
   */
  public record NewNode(
      String address, Set<String> meetingPoints, Set<String> roles, String version, String api) {}

  /**
   * A node that lives.
   *
   * @param id unique for ever
   * @param joined whether it is a member of the cluster
   * @param seenAt by the database's clock
   */
  public record Node(
      int id,
      UUID incarnation,
      boolean joined,
      String address,
      Set<String> meetingPoints,
      Set<String> roles,
      String version,
      String api,
      Instant startedAt,
      Instant seenAt) {}

  /** The rule by which a node may enter the cluster. */
  @FunctionalInterface
  public interface EntryRule {
    /**
     * May throw, and then nothing is changed.
     *
     * @param living the members that live; if there are none and the node may enter, it forms the
     *     cluster anew
     * @param silent Queries, if no member lives, the members that were alive when the last
     *     heartbeat was recorded. They may come back: when PostgreSQL was restarted, all have lost
     *     their sessions at once
     */
    boolean allows(List<Node> living, Supplier<List<Node>> silent);
  }

  /**
   * Registers a node, which from then on lives, and is no member yet.
   *
   * @return its id
   */
  public int register(NewNode node) {
    var id =
        database.transaction(sql -> {
          var inserted = insert(sql, node);
          // Before the row is seen, or others would take the node for one that has died.
          database.session().lockNode(inserted);
          return inserted;
        });
    database.session().startHeartbeat(id);
    return id;
  }

  /**
   * Enters a registered node into the cluster. Nodes enter one at a time. If no member lives, the
   * node forms the cluster anew: a new incarnation; members of the previous incarnation that come
   * back have to stop. So admit the node only if no earlier member may still run.
   *
   * <p>May be repeated by a node that could not join the members that it was given, which may have
   * died meanwhile, and by the node that has formed the cluster.
   *
   * @return the other members that live, none if the node has formed the cluster; empty if the node
   *     was not admitted
   */
  public Optional<List<Node>> enter(int id, EntryRule rule) {
    return database.transaction(sql -> {
      // Locks the only row, so that nodes enter one at a time.
      sql.select(CLUSTER.ONLY_ROW).from(CLUSTER).forUpdate().fetchSingle();
      var members = live(sql).stream().filter(Node::joined).toList();
      var living = members.stream().filter(member -> member.id() != id).toList();
      if (living.size() < members.size()) {
        // The node has formed the cluster before, and is still on its way to be a member of it.
        return Optional.of(living);
      }
      if (!rule.allows(living, () -> living.isEmpty() ? silent(sql, id) : List.of())) {
        return Optional.empty();
      }
      sql.update(CLUSTER_NODE)
          .set(CLUSTER_NODE.INCARNATION, incarnation(sql, living))
          .set(CLUSTER_NODE.JOINED, living.isEmpty())
          .where(CLUSTER_NODE.ID.eq(id))
          .execute();
      return Optional.of(living);
    });
  }

  /**
   * The members of the last incarnation, without those whose last heartbeat is older: they died
   * earlier. If a process has been started since at the address of a member, only the newer one is
   * given.
   */
  private static List<Node> silent(DSLContext sql, int self) {
    var node = CLUSTER_NODE;
    var newer = CLUSTER_NODE.as("newer");
    var isOfLastIncarnation =
        node.JOINED
            .isTrue()
            .and(node.INCARNATION.eq(DSL.select(CLUSTER.INCARNATION).from(CLUSTER)));
    var lastSeen =
        DSL.select(DSL.max(node.SEEN_AT).sub(DayToSecond.valueOf(SEEN_WITHIN)))
            .from(node)
            .where(isOfLastIncarnation, node.ID.ne(self));
    return sql.selectFrom(node)
        .where(isOfLastIncarnation, node.ID.ne(self), node.SEEN_AT.gt(lastSeen))
        .andNotExists(
            DSL.selectOne().from(newer).where(newer.ADDRESS.eq(node.ADDRESS), newer.ID.gt(node.ID)))
        .orderBy(node.ID)
        .fetch(ClusterTables::node);
  }

  /** Notes that the node is a member of the cluster now, so that others may join it. */
  public void joined(int id) {
    database
        .sql()
        .update(CLUSTER_NODE)
        .set(CLUSTER_NODE.JOINED, true)
        .where(CLUSTER_NODE.ID.eq(id))
        .execute();
  }

  /** Notes that the cluster has removed a node; the node may still run, and reads it here. */
  public void removed(int id) {
    database
        .sql()
        .update(CLUSTER_NODE)
        .set(CLUSTER_NODE.JOINED, false)
        .where(CLUSTER_NODE.ID.eq(id))
        .execute();
  }

  /**
   * Whether the newest node at an address is a member of the cluster, alive or not.
   *
   * @param address host:port
   */
  public boolean isMember(String address) {
    return database
        .sql()
        .select(CLUSTER_NODE.JOINED)
        .from(CLUSTER_NODE)
        .where(CLUSTER_NODE.ADDRESS.eq(address))
        .orderBy(CLUSTER_NODE.ID.desc())
        .limit(1)
        .fetchOptional(CLUSTER_NODE.JOINED)
        .orElse(false);
  }

  private static UUID incarnation(DSLContext sql, List<Node> living) {
    return living.isEmpty() ? form(sql) : living.getFirst().incarnation();
  }

  private static UUID form(DSLContext sql) {
    var incarnation = UUID.randomUUID();
    sql.update(CLUSTER)
        .set(CLUSTER.INCARNATION, incarnation)
        .set(CLUSTER.FORMED_AT, Rows.NOW)
        .execute();
    sql.deleteFrom(CLUSTER_NODE).where(CLUSTER_NODE.SEEN_AT.lt(WEEK_AGO)).execute();
    return incarnation;
  }

  /** A node that is no member is of no incarnation. */
  private static int insert(DSLContext sql, NewNode node) {
    return sql.insertInto(CLUSTER_NODE)
        .set(CLUSTER_NODE.INCARNATION, NONE)
        .set(CLUSTER_NODE.ADDRESS, node.address())
        .set(CLUSTER_NODE.MEETING_POINTS, array(node.meetingPoints()))
        .set(CLUSTER_NODE.ROLES, array(node.roles()))
        .set(CLUSTER_NODE.VERSION, node.version())
        .set(CLUSTER_NODE.API, node.api())
        .returningResult(CLUSTER_NODE.ID)
        .fetchSingle()
        .value1();
  }

  private static String[] array(Set<String> texts) {
    return texts.stream().sorted().toArray(String[]::new);
  }

  /**
   * Whether this node's session has lasted at least this long. A younger session may have begun
   * after an outage of the server; then other nodes may live although they have no session yet.
   */
  public boolean isUninterruptedFor(Duration duration) {
    return database.session().isHeldFor(duration);
  }

  /** The nodes that live now, the oldest first. */
  public List<Node> live() {
    return live(database.sql());
  }

  private static List<Node> live(DSLContext sql) {
    return sql.selectFrom(LIVE_CLUSTER_NODE)
        .orderBy(LIVE_CLUSTER_NODE.ID)
        .fetch(row -> node(row.into(CLUSTER_NODE)));
  }

  private static Node node(ClusterNodeRecord row) {
    return new Node(
        row.getId(),
        row.getIncarnation(),
        row.getJoined(),
        row.getAddress(),
        Set.of(row.getMeetingPoints()),
        Set.of(row.getRoles()),
        row.getVersion(),
        row.getApi(),
        row.getStartedAt(),
        row.getSeenAt());
  }

  /**
   * The number of shards, which the first start fixes.
   *
   * @param configured the number that this start is configured with
   */
  public int shards(int configured) {
    return database.transaction(sql -> {
      sql.update(CLUSTER).set(CLUSTER.SHARDS, configured).where(CLUSTER.SHARDS.isNull()).execute();
      return sql.select(CLUSTER.SHARDS).from(CLUSTER).fetchSingle().value1();
    });
  }

  /**
   * The id of the blob store that all nodes use; the first call makes it.
   *
   * @param made makes the id, while no other node does
   */
  public UUID blobStore(Supplier<UUID> made) {
    return database.transaction(sql -> {
      var known = sql.select(CLUSTER.BLOB_STORE).from(CLUSTER).forUpdate().fetchSingle().value1();
      if (known != null) {
        return known;
      }
      var id = made.get();
      sql.update(CLUSTER).set(CLUSTER.BLOB_STORE, id).execute();
      return id;
    });
  }

  /** The key that links are signed with, which all nodes share; the first call makes it. */
  public byte[] signingKey() {
    var made = new byte[SIGNING_KEY_BYTES];
    new SecureRandom().nextBytes(made);
    return database.transaction(sql -> {
      sql.update(CLUSTER)
          .set(CLUSTER.SIGNING_KEY, made)
          .where(CLUSTER.SIGNING_KEY.isNull())
          .execute();
      return sql.select(CLUSTER.SIGNING_KEY).from(CLUSTER).fetchSingle().value1();
    });
  }
}
