package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.store.ClusterTables;
import io.turboprop.store.Database;
import io.turboprop.store.Sharing;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.TestingDatabase;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that enter a cluster by its seeds, over real tables. */
@Tag("integration")
@Timeout(180)
class ClusterEntryTest {
  private static final String END_SESSIONS =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'turboprop-engine%' and datname = current_database()
      """;

  /** Longer than any test: no node enters because it has waited long enough. */
  private static final Duration SESSIONS_BACK_WITHIN = Duration.ofHours(1);

  private final StoreSettings settings = TestingDatabase.settings();
  private final Database database = Database.open(settings, Sharing.CLUSTER);
  private final List<Integer> ports = TestingNodes.freePorts(2);
  private final ClusterNode first = TestingNodes.start(ports.get(0), ports);

  @AfterEach
  void close() throws Exception {
    first.close();
    database.close();
  }

  private void enter(ClusterNode node, int port, Database in) {
    ClusterEntry.begin(
            node,
            TestingNodes.settings(port, ports),
            new ClusterTables(in),
            "1.0",
            URI.create("http://127.0.0.1:" + port),
            SESSIONS_BACK_WITHIN)
        .complete();
  }

  /** As after a restart of PostgreSQL: the node lives, and is about to open its session again. */
  @Test
  void aNodeThatStartsWhileTheMembersHaveNoSessionsJoinsThem() throws Exception {
    enter(first, ports.get(0), database);
    database.sql().execute(END_SESSIONS);
    try (var other = Database.open(settings, Sharing.CLUSTER);
        var second = TestingNodes.start(ports.get(1), ports)) {
      enter(second, ports.get(1), other);
      TestProbe.create(first.system())
          .awaitAssert(Duration.ofMinutes(1), () -> assertThat(first.memberAddresses()).hasSize(2));
      assertThat(database.lost().toCompletableFuture()).isNotDone();
    }
  }

  /** It stood still, or was cut off from the others only. */
  @Test
  void aMemberThatTheOthersHaveRemovedReadsThatInTheDatabaseAndStops() throws Exception {
    enter(first, ports.get(0), database);
    try (var other = Database.open(settings, Sharing.CLUSTER);
        var second = TestingNodes.start(ports.get(1), ports)) {
      enter(second, ports.get(1), other);
      var tables = new ClusterTables(other);
      var ofFirst = new SessionWatch(first, new ClusterTables(database));
      var ofSecond = new SessionWatch(second, tables);
      ofFirst.check();
      ofSecond.check();
      assertThat(tables.isMember("127.0.0.1:" + ports.get(1))).isTrue();

      tables.removed(id(tables, ports.get(1)));
      ofFirst.check();
      ofSecond.check();
      second.stopped().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertThat(first.addressesIfUp()).contains("127.0.0.1:" + ports.get(0));
    }
  }

  @Test
  void aMemberThatIsRemovedIsNotedInTheDatabase() throws Exception {
    enter(first, ports.get(0), database);
    try (var other = Database.open(settings, Sharing.CLUSTER);
        var second = TestingNodes.start(ports.get(1), ports)) {
      enter(second, ports.get(1), other);
      var tables = new ClusterTables(database);
      var ofFirst = new SessionWatch(first, tables);
      ofFirst.check();
      first.down("127.0.0.1:" + ports.get(1));
      TestProbe.create(first.system())
          .awaitAssert(
              Duration.ofMinutes(1),
              () -> {
                ofFirst.check();
                return assertThat(tables.isMember("127.0.0.1:" + ports.get(1))).isFalse();
              });
      assertThat(tables.isMember("127.0.0.1:" + ports.get(0))).isTrue();
    }
  }

  private static int id(ClusterTables tables, int port) {
    return tables.live().stream()
        .filter(node -> node.address().equals("127.0.0.1:" + port))
        .mapToInt(ClusterTables.Node::id)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNodeDoesNotWaitForMembersWhoseProcessHasEnded() throws Exception {
    enter(first, ports.get(0), database);
    first.close();
    try (var other = Database.open(settings, Sharing.CLUSTER);
        var second = TestingNodes.start(ports.get(1), ports)) {
      other.sql().execute("update cluster_node set seen_at = clock_timestamp() - interval '11 s'");
      enter(second, ports.get(1), other);
      assertThat(second.memberAddresses()).containsExactly("127.0.0.1:" + ports.get(1));
    }
  }
}
