package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.CLUSTER;
import static io.turboprop.store.jooq.Tables.CLUSTER_NODE;
import static io.turboprop.store.jooq.Tables.LIVE_CLUSTER_NODE;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * The cluster that uses this database, and its nodes. Which of them live is decided by the
 * database's clock and by the sessions that it sees, so all nodes see the same.
 */
public final class ClusterTables {
  /** Rows of nodes that were last seen before this are deleted. */
  private static final Field<Instant> WEEK_AGO =
      DSL.field("clock_timestamp() - interval '7 days'", SQLDataType.INSTANT);

  private static final int SIGNING_KEY_BYTES = 32;

  private final Database database;

  public ClusterTables(Database database) {
    this.database = database;
  }

  /**
   * A node that is about to enter the cluster.
   *
   * @param address host:port where the other nodes reach this one
   * @param meetingPoints how nodes of its cluster find each other
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

  /**
   * The node's id, and the members of the cluster that live; none if the node forms the cluster.
   */
  public record Entry(int id, List<Node> members) {}

  /**
   * Enters a node, which from then on lives. Nodes enter one at a time. If no member lives, the
   * node forms the cluster anew and is its first member.
   *
   * @param admitted whether the node may enter a cluster with these members; may throw, and then
   *     nothing is changed
   * @return empty if the node was not admitted
   */
  public Optional<Entry> enter(NewNode node, Predicate<List<Node>> admitted) {
    var entered = database.transaction(sql -> entered(sql, node, admitted));
    entered.ifPresent(entry -> database.session().keep(entry.id()));
    return entered;
  }

  private Optional<Entry> entered(DSLContext sql, NewNode node, Predicate<List<Node>> admitted) {
    var members = membersAlone(sql);
    if (!admitted.test(members)) {
      return Optional.empty();
    }
    var id = insert(sql, node, incarnation(sql, members), members.isEmpty());
    // Before the row is seen, or others would take the node for one that has died.
    database.session().hold(id);
    return Optional.of(new Entry(id, members));
  }

  /**
   * The members that live, for a node that has entered, and could not join yet. If none lives any
   * more, the node forms the cluster anew.
   *
   * @param admitted as for {@link #enter}
   */
  public Optional<Entry> enterAgain(int id, Predicate<List<Node>> admitted) {
    return database.transaction(sql -> {
      var members = membersAlone(sql);
      if (!admitted.test(members)) {
        return Optional.empty();
      }
      sql.update(CLUSTER_NODE)
          .set(CLUSTER_NODE.INCARNATION, incarnation(sql, members))
          .set(CLUSTER_NODE.JOINED, members.isEmpty())
          .where(CLUSTER_NODE.ID.eq(id))
          .execute();
      return Optional.of(new Entry(id, members));
    });
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

  /** Locks the only row of the cluster, so that nodes enter one at a time. */
  private static List<Node> membersAlone(DSLContext sql) {
    sql.select(CLUSTER.ONLY_ROW).from(CLUSTER).forUpdate().fetchSingle();
    return live(sql).stream().filter(Node::joined).toList();
  }

  private static UUID incarnation(DSLContext sql, List<Node> members) {
    return members.isEmpty() ? form(sql) : members.getFirst().incarnation();
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

  private static int insert(DSLContext sql, NewNode node, UUID incarnation, boolean joined) {
    return sql.insertInto(CLUSTER_NODE)
        .set(CLUSTER_NODE.INCARNATION, incarnation)
        .set(CLUSTER_NODE.JOINED, joined)
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
   * Whether this node's own session has not been interrupted for a while. If it has, the server may
   * have been away, and then that others have no session does not mean that they are dead.
   */
  public boolean isUninterruptedFor(Duration duration) {
    return database.session().isHeldFor(duration);
  }

  /** The nodes that live now, the oldest first. */
  public List<Node> live() {
    return live(database.sql());
  }

  private static List<Node> live(DSLContext sql) {
    var node = LIVE_CLUSTER_NODE;
    return sql.select(
            node.ID,
            node.INCARNATION,
            node.JOINED,
            node.ADDRESS,
            node.MEETING_POINTS,
            node.ROLES,
            node.VERSION,
            node.API,
            node.STARTED_AT,
            node.SEEN_AT)
        .from(node)
        .orderBy(node.ID)
        .fetch(row ->
            new Node(
                row.value1(),
                row.value2(),
                row.value3(),
                row.value4(),
                Set.of(row.value5()),
                Set.of(row.value6()),
                row.value7(),
                row.value8(),
                row.value9(),
                row.value10()));
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
