package io.turboprop.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.store.TestingDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a server of its own: all who use it are put out. */
@Tag("integration")
class PostgresTakeoverTest {
  @TempDir private static Path folder;
  private static EmbeddedPostgresServer server;

  @BeforeAll
  static void start() {
    server =
        EmbeddedPostgresServer.start(
            new PostgresServer.Embedded(folder, TestingDatabase.binaries(), 0, Map.of()));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void allOthersAreEndedWhateverTheyDo() throws Exception {
    var idle = connect();
    var busy = connect();
    var answer = CompletableFuture.runAsync(() -> sleep(busy));
    var inTransaction = connect();
    inTransaction.setAutoCommit(false);
    inTransaction.createStatement().execute("create table never (id int)");

    PostgresTakeover.endOtherSessions(server.address(), Duration.ofSeconds(20));

    assertThat(idle.isValid(1)).isFalse();
    assertThat(inTransaction.isValid(1)).isFalse();
    assertThatThrownBy(answer::join).hasCauseInstanceOf(SQLException.class);
    try (var session = connect()) {
      assertThat(text(session, "select to_regclass('never') is null")).isEqualTo("t");
    }
  }

  @Test
  void thoseThatDoNotEndAreWaitedForTogetherAndNamed() throws Exception {
    var pids = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      pids.add(text(connect(), "select pg_backend_pid()"));
    }
    signal("-STOP", pids);
    try {
      var begin = System.nanoTime();
      assertThatThrownBy(
              () -> PostgresTakeover.endOtherSessions(server.address(), Duration.ofSeconds(4)))
          .isInstanceOf(SQLException.class)
          .satisfies(e -> assertThat(pids).allMatch(e.getMessage()::contains));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(1));
    } finally {
      signal("-CONT", pids);
    }
  }

  private static Connection connect() throws SQLException {
    var address = server.address();
    return DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  private static String text(Connection session, String query) throws SQLException {
    try (var statement = session.createStatement();
        var result = statement.executeQuery(query)) {
      result.next();
      return result.getString(1);
    }
  }

  private static void sleep(Connection session) {
    try (var statement = session.createStatement()) {
      statement.execute("select pg_sleep(600)");
    } catch (SQLException e) {
      throw new CompletionException(e);
    }
  }

  private static void signal(String signal, List<String> pids) throws Exception {
    var command = new ArrayList<>(List.of("kill", signal));
    command.addAll(pids);
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
