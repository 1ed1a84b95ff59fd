package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.ClusterTables.NewNode;
import io.turboprop.store.ClusterTables.Node;
import io.turboprop.store.StoreSettings.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nodes and standalone engines on one database. */
@Tag("integration")
class ClusterTablesTest {
  private static final Session SHORT = new Session(Duration.ZERO, Duration.ofMillis(20));

  private final StoreSettings settings = withSession(TestingDatabase.settings());

  private static StoreSettings withSession(StoreSettings settings) {
    return new StoreSettings(
        settings.server(), settings.pool(), SHORT, settings.journal(), settings.retention());
  }

  private Database open() {
    return Database.open(settings, Sharing.CLUSTER);
  }

  private static NewNode node(String address) {
    return new NewNode(address, Set.of("a:1", "b:1"), Set.of("engine"), "1.0", "http://" + address);
  }

  private static List<Node> enter(Database database, String address) {
    var tables = new ClusterTables(database);
    return tables.enter(tables.register(node(address)), (_, _) -> true).orElseThrow();
  }

  /** The members that may live and have no session, as a node that starts sees them. */
  private static List<String> silent(Database database, String address) {
    var tables = new ClusterTables(database);
    var seen = new ArrayList<Node>();
    var entered =
        tables.enter(
            tables.register(node(address)),
            (living, silent) -> {
              assertThat(living).isEmpty();
              seen.addAll(silent.get());
              return false;
            });
    assertThat(entered).isEmpty();
    return seen.stream().map(Node::address).toList();
  }

  private static List<String> live(Database database) {
    return new ClusterTables(database).live().stream().map(Node::address).toList();
  }

  @Test
  void theFirstNodeFormsTheClusterAndTheOthersFindIt() {
    try (var first = open();
        var second = open()) {
      assertThat(enter(first, "a:1")).isEmpty();
      assertThat(enter(second, "b:1")).extracting(Node::address).containsExactly("a:1");
      assertThat(live(first)).containsExactly("a:1", "b:1");
      assertThat(new ClusterTables(second).live())
          .extracting(Node::joined)
          .as("the second is no member before it says so")
          .containsExactly(true, false);
    }
  }

  @Test
  void aNodeThatHasFormedTheClusterAndEntersAgainStaysItsMember() {
    try (var first = open();
        var second = open()) {
      var tables = new ClusterTables(first);
      var id = tables.register(node("a:1"));
      assertThat(tables.enter(id, (_, _) -> true)).contains(List.of());
      var formed = tables.live();
      assertThat(tables.enter(id, (_, _) -> true)).contains(List.of());
      assertThat(tables.live()).extracting(Node::joined).containsExactly(true);
      assertThat(tables.live())
          .extracting(Node::incarnation)
          .containsExactly(formed.getFirst().incarnation());
      assertThat(enter(second, "b:1")).extracting(Node::address).containsExactly("a:1");
    }
  }

  @Test
  void ofNodesThatStartAtOnceOneFormsTheCluster() throws Exception {
    var databases = IntStream.range(0, 4).mapToObj(_ -> open()).toList();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var entering =
          databases.stream()
              .map(database ->
                  (Callable<Integer>)
                      () -> enter(database, "a:" + databases.indexOf(database)).size())
              .toList();
      var members = threads.invokeAll(entering).stream().map(future -> future.resultNow()).toList();
      assertThat(members).containsExactlyInAnyOrder(0, 1, 1, 1);
    } finally {
      databases.forEach(Database::close);
    }
  }

  @Test
  void aNodeThatIsGoneDoesNotLiveAnyMoreAndTheNextOneFormsTheClusterAnew() {
    var gone = open();
    enter(gone, "a:1");
    gone.close();
    try (var next = open()) {
      assertThat(enter(next, "b:1")).isEmpty();
      assertThat(live(next)).containsExactly("b:1");
    }
  }

  @Test
  void membersThatHaveLostTheirSessionsAtOnceMayLive() {
    var slow = withInterval(Duration.ofHours(1));
    try (var one = Database.open(slow, Sharing.CLUSTER);
        var other = Database.open(slow, Sharing.CLUSTER);
        var third = Database.open(slow, Sharing.CLUSTER)) {
      enter(one, "a:1");
      join(other, "b:1");
      join(third, "c:1");
      one.sql().execute(END_SESSIONS);
      one.sql()
          .execute(
              "update cluster_node set seen_at = seen_at - interval '11 s' where address = 'c:1'");
      try (var next = open()) {
        assertThat(silent(next, "d:1"))
            .as("the third had died while the others lived")
            .containsExactly("a:1", "b:1");
      }
      try (var next = open()) {
        assertThat(silent(next, "b:1"))
            .as("the second process was started again")
            .containsExactly("a:1");
      }
    }
  }

  private static final String END_SESSIONS =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'turboprop-engine%' and datname = current_database()
      """;

  private static void join(Database database, String address) {
    var tables = new ClusterTables(database);
    var id = tables.register(node(address));
    assertThat(tables.enter(id, (_, _) -> true)).isPresent();
    tables.joined(id);
  }

  @Test
  void nobodyWaitsForANodeThatHasLeft() {
    var gone = open();
    enter(gone, "a:1");
    gone.close();
    try (var next = open()) {
      assertThat(silent(next, "b:1")).isEmpty();
    }
  }

  @Test
  void aNodeThatIsSilentForTenSecondsDoesNotLive() {
    try (var silent = Database.open(withInterval(Duration.ofHours(1)), Sharing.CLUSTER)) {
      enter(silent, "a:1");
      assertThat(live(silent)).containsExactly("a:1");
      silent
          .sql()
          .execute("update cluster_node set seen_at = clock_timestamp() - interval '11 seconds'");
      assertThat(live(silent)).isEmpty();
    }
  }

  private StoreSettings withInterval(Duration interval) {
    return new StoreSettings(
        settings.server(),
        settings.pool(),
        new Session(Duration.ZERO, interval),
        settings.journal(),
        settings.retention());
  }

  @Test
  void aNodeWhoseMembersDiedBeforeItCouldJoinThemFormsTheCluster() {
    var first = open();
    enter(first, "a:1");
    try (var second = open()) {
      var tables = new ClusterTables(second);
      var id = tables.register(node("b:1"));
      assertThat(tables.enter(id, (_, _) -> true).orElseThrow()).hasSize(1);
      first.close();
      assertThat(tables.enter(id, (_, _) -> true)).contains(List.of());
      try (var third = open()) {
        assertThat(enter(third, "c:1")).extracting(Node::address).containsExactly("b:1");
      }
    }
  }

  @Test
  void aNodeThatComesBackToAnotherClusterIsToldToStop() {
    try (var database = open()) {
      enter(database, "a:1");
      database.sql().execute("update cluster set incarnation = gen_random_uuid()");
      assertThatThrownBy(() -> database.lost().toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by another cluster");
    }
  }

  @Test
  void aHeartbeatThatFailsUnexpectedlyIsReported() {
    try (var database = open()) {
      enter(database, "a:1");
      database.sql().execute("alter table cluster_node alter seen_at drop not null");
      database
          .sql()
          .execute(
              """
              create function forget() returns trigger language plpgsql
              as 'begin new.seen_at := null; return new; end'
              """);
      database
          .sql()
          .execute(
              """
              create trigger forget before update on cluster_node
              for each row execute function forget()
              """);
      assertThatThrownBy(() -> database.lost().toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(NullPointerException.class);
    }
  }

  @Test
  void aStandaloneEngineAndAClusterRefuseEachOther() {
    try (var standalone = Database.open(settings, Sharing.STANDALONE)) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by another engine: process")
          .hasMessageContaining("turboprop.cluster.seeds");
      assertThat(standalone.lost().toCompletableFuture()).isNotDone();
    }
    try (var first = open();
        var second = open()) {
      enter(first, "a:1");
      assertThatThrownBy(() -> Database.open(settings, Sharing.STANDALONE))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("turboprop.cluster.seeds");
      assertThat(second.lost().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void anEmbeddedServerIsForOneEngine() {
    var embedded =
        new StoreSettings(
            new PostgresServer.Embedded(
                TestingDatabase.binaries(), TestingDatabase.binaries(), 0, Map.of()),
            settings.pool(),
            SHORT,
            settings.journal(),
            settings.retention());
    assertThatThrownBy(() -> Database.open(embedded, Sharing.CLUSTER))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("turboprop.store.server = external");
  }

  @Test
  void theFirstStartFixesTheNumberOfShardsAndTheKey() {
    try (var first = open();
        var second = open()) {
      assertThat(new ClusterTables(first).shards(30)).isEqualTo(30);
      assertThat(new ClusterTables(second).shards(40)).isEqualTo(30);
      var key = new ClusterTables(first).signingKey();
      assertThat(key).hasSize(32);
      assertThat(new ClusterTables(second).signingKey()).isEqualTo(key);
    }
  }

  @Test
  void nodesThatStartAtOnceOnAnEmptyDatabaseMigrateItOnce() throws Exception {
    var empty = withSession(TestingDatabase.emptySettings());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var opening =
          IntStream.range(0, 3)
              .<Callable<Database>>mapToObj(_ -> () -> Database.open(empty, Sharing.CLUSTER))
              .toList();
      for (var opened : threads.invokeAll(opening)) {
        try (var database = opened.get()) {
          assertThat(Migrations.applied(database.dataSource()))
              .isEqualTo(Migrations.newestScript());
        }
      }
    }
  }
}
