package io.turboprop.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.turboprop.store.Database;
import io.turboprop.store.DatabaseOutageException;
import io.turboprop.store.Migrations;
import io.turboprop.store.PlanTables;
import io.turboprop.store.TestingDatabase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class EmbeddedPostgresServerTest {
  @TempDir Path folder;

  @Test
  void serverThatAKilledProcessHasLeftIsTakenOverWithWhatWasCommitted() throws Exception {
    try (var process = TestingServerProcess.on(folder)) {
      process.kill();
      var orphan = postmaster();
      assertThat(ProcessHandle.of(orphan)).as("the server outlives its process").isPresent();
      makeLogLong();
      try (var session = connect(leftBehind())) {
        insertWithoutCommit(session);
        try (var database = Database.open(TestingServerProcess.settings(folder))) {
          assertThat(postmaster()).isEqualTo(orphan);
          assertThat(session.isValid(1)).isFalse();
          assertThat(new PlanTables(database).find("kept")).isPresent();
          assertThat(new PlanTables(database).find("not committed")).isEmpty();
          assertThatThrownBy(() -> database.sql().execute("select 1 / 0"));
        }
        assertLogIsAnew();
        assertThat(log()).content().contains("division by zero").doesNotContain("\0");
      }
    }
    assertThat(pidFile()).doesNotExist();
  }

  @Test
  void serverThatWasLeftWithOtherParametersIsStartedAnew() throws Exception {
    try (var process = TestingServerProcess.on(folder)) {
      process.kill();
      var orphan = postmaster();
      try (var server = EmbeddedPostgresServer.start(settings(Map.of("work_mem", "5MB")));
          var session = connect(server.address())) {
        assertThat(postmaster()).isNotEqualTo(orphan);
        assertThat(workMemory(session)).isEqualTo("5MB");
        assertThat(storedPassword(session)).startsWith("SCRAM-SHA-256$1:");
      }
    }
  }

  @Test
  void aSecondProcessIsRefusedAndToldWhoIsThere() throws Exception {
    try (var process = TestingServerProcess.on(folder)) {
      assertThatThrownBy(() -> EmbeddedPostgresServer.start(settings(Map.of())))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("process " + process.pid());
      process.kill();
      EmbeddedPostgresServer.start(settings(Map.of())).close();
    }
  }

  @Test
  void theFileOfAServerThatIsGoneDoesNotMatterEvenIfItsNumberIsSomebodyElses() throws IOException {
    EmbeddedPostgresServer.start(settings(Map.of())).close();
    Files.writeString(pidFile(), ProcessHandle.current().pid() + "\n" + folder + "\n");
    EmbeddedPostgresServer.start(settings(Map.of())).close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatIsKilledOrToldToStopIsStartedAgainAndHasLostNothing(boolean isKilled)
      throws Exception {
    try (var database = Database.open(TestingServerProcess.settings(folder))) {
      database.sql().execute("insert into plan values ('kept', '\\x00')");
      var ended = postmaster();
      var process = ProcessHandle.of(ended).orElseThrow();
      assertThat(isKilled ? process.destroyForcibly() : process.destroy()).isTrue();
      awaitSuccessorOf(ended);
      assertThat(rowOnceReachable(database)).isPresent();
    }
    assertThat(pidFile()).doesNotExist();
  }

  @Test
  void aPathThatAShellWouldReadIsRefused() {
    for (var name : new String[] {"a$HOME", "a\"b", "a`b"}) {
      assertThatThrownBy(() -> Database.open(TestingServerProcess.settings(folder.resolve(name))))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("choose another");
    }
  }

  @Test
  void aLongLogBeginsAnewAtAStart() throws IOException {
    makeLogLong();
    EmbeddedPostgresServer.start(settings(Map.of())).close();
    assertLogIsAnew();
  }

  private Path log() {
    return folder.resolve("postgresql.log");
  }

  private void makeLogLong() throws IOException {
    try (var log = new RandomAccessFile(log().toFile(), "rw")) {
      log.setLength(11 * 1024 * 1024);
    }
  }

  private void assertLogIsAnew() throws IOException {
    assertThat(Files.size(folder.resolve("postgresql.log.1"))).isGreaterThan(9 * 1024 * 1024);
    assertThat(Files.size(log())).isBetween(1L, 100_000L);
  }

  private void awaitSuccessorOf(long ended) throws IOException {
    var deadline = System.nanoTime() + 60_000_000_000L;
    while (!isReadyAsAnother(ended)) {
      assertThat(System.nanoTime()).as("another server should be there").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** The file comes, grows and goes meanwhile: it is read once, whatever it holds. */
  private boolean isReadyAsAnother(long ended) throws IOException {
    try {
      var lines = Files.readAllLines(pidFile());
      return lines.stream().anyMatch(line -> line.strip().equals("ready"))
          && !lines.getFirst().strip().equals(Long.toString(ended));
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /** The pool gives away connections to the old server until it has noticed. */
  private static Optional<ByteString> rowOnceReachable(Database database) {
    for (var attempt = 0; attempt < 10; attempt++) {
      try {
        return new PlanTables(database).find("kept");
      } catch (DatabaseOutageException away) {
        assertThat(away).hasRootCauseInstanceOf(Exception.class);
      }
    }
    throw new AssertionError("the server has not come back");
  }

  private long postmaster() throws IOException {
    return Long.parseLong(Files.readAllLines(pidFile()).getFirst().strip());
  }

  @Test
  void aServerThatCanNotStartSaysWhy() {
    assertThatThrownBy(() -> EmbeddedPostgresServer.start(settings(Map.of("no_such", "1"))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("no_such");
    EmbeddedPostgresServer.start(settings(Map.of())).close();
  }

  @Test
  void whatMakesCommitsDurableCanNotBeSwitchedOff() {
    assertThatThrownBy(() -> EmbeddedPostgresServer.start(settings(Map.of("fsync", "off"))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("fsync");
  }

  @Test
  void whoComesBesideAnEngineNeedsItsDataAndMakesNone() {
    assertThatThrownBy(() -> Database.attach(TestingServerProcess.settings(folder)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("no data of an engine in " + folder)
        .hasMessageContaining("--data");
    assertThat(folder).isEmptyDirectory();

    Database.open(TestingServerProcess.settings(folder)).close();
    try (var database = Database.attach(TestingServerProcess.settings(folder))) {
      assertThat(new PlanTables(database).find("none")).isEmpty();
    }
  }

  @Test
  void whoComesBesideARunningEngineUsesItsServerAndLeavesOlderTablesAsTheyAre() throws IOException {
    try (var engine = Database.open(TestingServerProcess.settings(folder))) {
      var server = postmaster();
      try (var beside = Database.attach(TestingServerProcess.settings(folder))) {
        assertThat(beside.address()).isEqualTo(engine.address());
      }
      engine
          .sql()
          .execute(
              "delete from flyway_schema_history where version = ?",
              Integer.toString(Migrations.newestScript()));
      var before = engine.sql().fetch("table flyway_schema_history").format();

      assertThatThrownBy(() -> Database.attach(TestingServerProcess.settings(folder)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("start an engine");
      assertThat(engine.sql().fetch("table flyway_schema_history").format()).isEqualTo(before);
      assertThat(postmaster()).isEqualTo(server);
    }
  }

  @Test
  void aServerIsNotTakenForRunningBeforeItHasSaidWhere() throws IOException {
    Files.createDirectories(pidFile().getParent());
    try (var lock = FolderLock.acquire(folder)) {
      assertThat(lock).isNotNull();
      for (var written : new String[] {"", "1\n/folder\n1700000000\n"}) {
        Files.writeString(pidFile(), written);
        assertThat(EmbeddedPostgresServer.running(settings(Map.of()))).isEmpty();
      }
    }
  }

  @Test
  void nobodyGetsInWithoutThePassword() {
    try (var server = EmbeddedPostgresServer.start(settings(Map.of()))) {
      var address = server.address();
      assertThatThrownBy(
              () -> DriverManager.getConnection(address.url(), address.user(), "guess").close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password");
    }
  }

  private PostgresServer.External leftBehind() throws IOException {
    return new PostgresServer.External(
        "jdbc:postgresql://127.0.0.1:%s/postgres"
            .formatted(Files.readAllLines(pidFile()).get(PostgresControl.PORT_LINE).strip()),
        "turboprop",
        Files.readString(folder.resolve("password")));
  }

  private static Connection connect(PostgresServer.External server) throws SQLException {
    return DriverManager.getConnection(server.url(), server.user(), server.password());
  }

  private static void insertWithoutCommit(Connection session) throws SQLException {
    session.setAutoCommit(false);
    try (var statement = session.createStatement()) {
      statement.execute("insert into plan values ('not committed', '\\x00')");
    }
  }

  private static String workMemory(Connection session) throws SQLException {
    try (var statement = session.createStatement();
        var result = statement.executeQuery("show work_mem")) {
      result.next();
      return result.getString(1);
    }
  }

  private static String storedPassword(Connection session) throws SQLException {
    try (var statement = session.createStatement();
        var result =
            statement.executeQuery(
                "select rolpassword from pg_authid where rolname = current_user")) {
      result.next();
      return result.getString(1);
    }
  }

  private Path pidFile() {
    return folder.resolve("pgdata").resolve("postmaster.pid");
  }

  private PostgresServer.Embedded settings(Map<String, String> parameters) {
    return new PostgresServer.Embedded(folder, TestingDatabase.binaries(), 0, parameters);
  }
}
