package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.StoreSettings.Session;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class EngineSessionTest {
  private static final Session SHORT = new Session(Duration.ofMillis(200), Duration.ofMillis(20));
  private static final String END_SESSION =
      """
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'turboprop-engine%' and datname = current_database()
      """;
  private static final String HOLDERS =
      """
      select pid from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and application_name like 'turboprop-engine%'
        and datname = current_database()
      """;

  private final StoreSettings settings = alone(TestingDatabase.settings());

  private static StoreSettings alone(StoreSettings settings) {
    return new StoreSettings(
        settings.server(), settings.pool(), SHORT, settings.journal(), settings.retention());
  }

  @Test
  void aSecondEngineIsToldWhichIsTheFirst() {
    try (var first = Database.open(settings)) {
      assertThatThrownBy(() -> Database.open(settings))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by another engine: process %d on ", pid())
          .hasMessageContaining("since 2")
          .hasMessageContaining("turboprop.store.external.url");
      assertThat(first.lost().toCompletableFuture()).isNotDone();
      Database.attach(settings).close();
    }
    Database.open(settings).close();
  }

  @Test
  void anotherDatabaseOfTheServerIsFree() {
    try (var first = Database.open(settings);
        var other = Database.open(alone(TestingDatabase.settings()))) {
      assertThat(first.lost().toCompletableFuture()).isNotDone();
      assertThat(other.lost().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void theLockIsTakenAgainAfterItsSessionWasEnded() throws Exception {
    try (var database = Database.open(settings)) {
      for (var round = 0; round < 3; round++) {
        var before = database.sql().fetch(HOLDERS);
        database.sql().execute(END_SESSION);
        for (var now = before;
            now.isEmpty() || now.equals(before);
            now = database.sql().fetch(HOLDERS)) {
          Thread.onSpinWait();
        }
        assertThatThrownBy(() -> Database.open(settings)).isInstanceOf(StoreException.class);
      }
      assertThat(database.lost().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void anEngineWhoseLockAnotherOneHasTakenIsTold() throws Exception {
    var address = (PostgresServer.External) settings.server();
    var slow = new Session(Duration.ZERO, Duration.ofSeconds(2));
    var patient = new Session(Duration.ofSeconds(30), Duration.ofMillis(20));
    var first = EngineSession.begin(address, slow, Sharing.STANDALONE);
    try (var ending =
            DriverManager.getConnection(address.url(), address.user(), address.password());
        var statement = ending.createStatement()) {
      statement.execute(END_SESSION);
      try (var second = EngineSession.begin(address, patient, Sharing.STANDALONE)) {
        assertThatThrownBy(() -> first.lost().toCompletableFuture().get(60, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("in use by another engine");
        assertThat(second.lost().toCompletableFuture()).isNotDone();
      }
    } finally {
      first.close();
    }
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }
}
