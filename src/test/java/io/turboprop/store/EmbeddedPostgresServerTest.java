package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class EmbeddedPostgresServerTest {
  @TempDir Path folder;

  @Test
  void whatWasCommittedIsThereAfterTheProcessHasBeenKilled() throws Exception {
    long orphan;
    try (var process = TestingServerProcess.on(folder)) {
      process.kill();
      orphan = Long.parseLong(Files.readAllLines(pidFile()).getFirst());
      assertThat(ProcessHandle.of(orphan)).as("the server outlives its process").isPresent();
    }
    try (var database = Database.open(TestingServerProcess.settings(folder))) {
      assertThat(new PlanTables(database).find("kept")).isPresent();
      assertThat(Files.readAllLines(pidFile()).getFirst()).isNotEqualTo(Long.toString(orphan));
    }
    assertThat(pidFile()).doesNotExist();
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

  @Test
  void aServerThatIsKilledIsStartedAgainAndHasLostNothing() throws Exception {
    try (var database = Database.open(TestingServerProcess.settings(folder))) {
      database.sql().execute("insert into plan values ('kept', '\\x00')");
      var killed = postmaster();
      assertThat(ProcessHandle.of(killed).orElseThrow().destroyForcibly()).isTrue();
      awaitSuccessorOf(killed);
      assertThat(rowOnceReachable(database)).isPresent();
    }
    assertThat(pidFile()).doesNotExist();
  }

  private void awaitSuccessorOf(long killed) throws IOException {
    var deadline = System.nanoTime() + 60_000_000_000L;
    while (!Files.exists(pidFile()) || postmaster() == killed) {
      assertThat(System.nanoTime()).as("another server should be there").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** The pool gives away connections to the killed server until it has noticed. */
  private static Optional<ByteString> rowOnceReachable(Database database) {
    for (var attempt = 0; attempt < 10; attempt++) {
      try {
        return new PlanTables(database).find("kept");
      } catch (DataAccessException away) {
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
  void nobodyGetsInWithoutThePassword() {
    try (var server = EmbeddedPostgresServer.start(settings(Map.of()))) {
      var address = server.address();
      assertThatThrownBy(
              () -> DriverManager.getConnection(address.url(), address.user(), "guess").close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password");
    }
  }

  private Path pidFile() {
    return folder.resolve("pgdata").resolve("postmaster.pid");
  }

  private StoreSettings.Embedded settings(Map<String, String> parameters) {
    return new StoreSettings.Embedded(folder, TestingDatabase.binaries(), 0, parameters);
  }
}
