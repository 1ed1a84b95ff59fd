package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("integration")
@Timeout(120)
class DatabaseTest {
  /** What the scripts do that can't be done twice, and how it is undone. */
  private static final NavigableMap<Integer, String> UNDO =
      new TreeMap<>(
          Map.of(
              30, "create index node_execution_of_graph on node_execution (execution_number)",
              31, "drop index catalog_artifact_age",
              32, "alter table execution drop column nodes_made",
              34,
                  "alter table task_execution drop column initializing_at, drop column code_began_at"));

  @Test
  void aFreshDatabaseHasTheTablesAndForgetsNothing() {
    try (var database = TestingDatabase.create()) {
      assertThat(database.sql().fetchSingle("show fsync").get(0)).isEqualTo("on");
      assertThat(database.sql().fetchSingle("show synchronous_commit").get(0)).isEqualTo("on");
      assertThat(database.sql().fetchSingle("select count(*) from event_journal").get(0))
          .isEqualTo(0L);
    }
  }

  @Test
  void afterTheStartEveryScriptHasBeenApplied() throws Exception {
    try (var database = TestingDatabase.create()) {
      assertThat(Migrations.newestScript()).isGreaterThanOrEqualTo(5);
      assertThat(Migrations.applied(database.dataSource())).isEqualTo(Migrations.newestScript());
    }
  }

  @Test
  void tablesOfANewerVersionAreUsedUntilItSaysThatTheyCanNotBe() {
    var settings = TestingDatabase.settings();
    try (var database = Database.open(settings)) {
      database
          .sql()
          .execute(
              """
              insert into flyway_schema_history
              select 999, '999', description, type, script, checksum, installed_by, installed_on,
                execution_time, success
              from flyway_schema_history where version = '1'
              """);
    }
    try (var database = Database.open(settings)) {
      database.sql().execute("update cluster set readable_from = 998");
    }
    assertThatThrownBy(() -> Database.open(settings))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the tables are of version 999")
        .hasMessageContaining("from 998 on");
  }

  /** As after two branches of the code, each with its own scripts. */
  @Test
  void tablesThatLackAScriptBeforeTheLastAreRefused() {
    var settings = TestingDatabase.settings();
    try (var database = Database.open(settings)) {
      database.sql().execute("delete from flyway_schema_history where version = '5'");
    }
    assertThatThrownBy(() -> Database.open(settings))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("lack the changes of version 5")
        .hasMessageContaining("another database");
  }

  /** A backup holds such locks while it runs. */
  @Test
  void tablesThatOthersReadAreBroughtUpToDateWhenTheyAreFree() throws Exception {
    var settings = TestingDatabase.settings();
    try (var database = Database.open(settings);
        var backup = database.dataSource().getConnection();
        var statement = backup.createStatement();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      undoFrom(32, database);
      backup.setAutoCommit(false);
      statement.execute("lock table execution in access share mode");
      var upgrade =
          threads.submit(() -> {
            Migrations.apply(database.dataSource(), database.address());
            return null;
          });
      awaitWaitersForALock(database, true);
      awaitWaitersForALock(database, false);
      assertThat(upgrade).as("the script has given up, and is tried again").isNotDone();
      backup.commit();
      upgrade.get(60, TimeUnit.SECONDS);
      assertThat(Migrations.applied(database.dataSource())).isEqualTo(Migrations.newestScript());
    }
  }

  @Test
  void tablesThatTheEarlierFormOfAScriptWasAppliedToAreBroughtUpToDate() throws Exception {
    try (var database = TestingDatabase.create()) {
      var sql = database.sql();
      sql.execute("update flyway_schema_history set checksum = -1485694627 where version = '29'");
      undoFrom(33, database);

      Migrations.apply(database.dataSource(), database.address());

      assertThat(Migrations.applied(database.dataSource())).isEqualTo(Migrations.newestScript());
    }
  }

  @Test
  void anIndexWhoseBuildingWasCutOffIsBuiltAnew() throws Exception {
    try (var database = TestingDatabase.create()) {
      undoFrom(29, database);
      var sql = database.sql();
      sql.execute(
          """
          insert into flyway_schema_history
          select 29, '29', description, type, script, checksum, installed_by, installed_on,
            execution_time, false
          from flyway_schema_history where version = '1'
          """);
      sql.execute(
          "update pg_index set indisvalid = false where indexrelid = 'execution_of_user'::regclass");

      Migrations.apply(database.dataSource(), database.address());

      assertThat(Migrations.applied(database.dataSource())).isEqualTo(Migrations.newestScript());
      assertThat(
              sql.fetchSingle(
                      "select indisvalid from pg_index where indexrelid = 'execution_of_user'::regclass")
                  .get(0))
          .isEqualTo(true);
    }
  }

  /** An engine of the version before goes on writing. */
  @Test
  void anIndexIsBuiltWithoutStoppingWrites() throws Exception {
    try (var database = TestingDatabase.create();
        var writer = database.dataSource().getConnection();
        var statement = writer.createStatement();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      undoFrom(29, database);
      writer.setAutoCommit(false);
      statement.execute("update execution set parked_reason = ''"); // holds the lock of a writer
      var upgrade =
          threads.submit(() -> {
            Migrations.apply(database.dataSource(), database.address());
            return null;
          });
      awaitWaitersForALock(database, true);
      database.sql().execute("update execution set parked_reason = ''");
      assertThat(upgrade).isNotDone();
      writer.commit();
      upgrade.get(60, TimeUnit.SECONDS);
    }
  }

  /** Makes the tables those of an older version. */
  private static void undoFrom(int version, Database database) {
    var sql = database.sql();
    sql.execute("delete from flyway_schema_history where cast(version as integer) >= ?", version);
    UNDO.tailMap(version).values().forEach(sql::execute);
  }

  private static void awaitWaitersForALock(Database database, boolean isWaiting) {
    while (database
            .sql()
            .fetchExists(
                DSL.selectOne()
                    .from("pg_stat_activity")
                    .where("datname = current_database() and wait_event_type = 'Lock'"))
        != isWaiting) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whoComesBesideAnEngineLeavesOlderTablesAsTheyAre() {
    var settings = TestingDatabase.settings();
    try (var database = Database.open(settings)) {
      database
          .sql()
          .execute(
              "delete from flyway_schema_history where version = ?",
              Integer.toString(Migrations.newestScript()));
      var before = history(database);

      assertThatThrownBy(() -> Database.attach(settings))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("this Turboprop needs " + Migrations.newestScript())
          .hasMessageContaining("start an engine");
      assertThat(history(database)).isEqualTo(before);
    }
  }

  @Test
  void aHistoryThatCanNotBeReadIsNotTakenForTablesThatCanNotBeChanged() {
    var settings = TestingDatabase.settings();
    try (var database = Database.open(settings)) {
      database.sql().execute("alter table flyway_schema_history rename column version to other");
    }
    for (var opening :
        List.<Function<StoreSettings, Database>>of(Database::open, Database::attach)) {
      assertThatThrownBy(() -> opening.apply(settings).close())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("can't read the version of the tables")
          .hasRootCauseInstanceOf(SQLException.class);
    }
  }

  private static String history(Database database) {
    return database
        .sql()
        .fetch("select * from flyway_schema_history order by installed_rank")
        .format();
  }

  @Test
  void aServerThatForgetsAcknowledgedCommitsIsRefused() {
    var settings = TestingDatabase.settings();
    try (var database = Database.open(settings)) {
      database
          .sql()
          .execute(
              "do $$ begin execute 'alter database ' || current_database() || ' set synchronous_commit = off'; end $$");
    }
    assertThatThrownBy(() -> Database.open(settings))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("synchronous_commit = off");
  }

  @Test
  void aServerThatIsNotThereIsReportedWithItsAddress() {
    var nowhere =
        new StoreSettings(
            new PostgresServer.External("jdbc:postgresql://127.0.0.1:1/none", "nobody", "secret"),
            new StoreSettings.Pool(2, Duration.ofSeconds(1), Duration.ofSeconds(60), 5000),
            new StoreSettings.Session(Duration.ofSeconds(3), Duration.ofSeconds(2)),
            new StoreSettings.Journal(1, 1, 1, 1, 1),
            StoreSettings.Retention.FOR_EVER);
    assertThatThrownBy(() -> Database.open(nowhere))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("127.0.0.1:1")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aPlanIsFoundByItsDigest() {
    try (var database = TestingDatabase.create()) {
      var plans = new PlanTables(database);
      database.sql().execute("insert into plan (digest, closure) values ('digest', 'closure')");
      assertThat(plans.find("digest")).contains(ByteString.copyFromUtf8("closure"));
      assertThat(plans.find("none")).isEmpty();
    }
  }

  @Test
  void theShippedSettingsCanBeRead() {
    var settings = StoreSettings.from(ConfigFactory.load().getConfig("turboprop.store"));
    assertThat(settings.server()).isInstanceOf(PostgresServer.Embedded.class);
  }
}
