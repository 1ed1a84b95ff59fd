package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.data.Outage;
import io.turboprop.store.RefusedRowException.Reason;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseFailuresTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"08006", "08001", "25006", "40001", "40P01", "53300", "55P03", "57014", "57P01"})
  void whatPassesIsAnOutage(String state) {
    assertThat(DatabaseFailures.of(new SQLException("select x", state)))
        .isInstanceOf(DatabaseOutageException.class)
        .isInstanceOf(Outage.class)
        .hasMessage("the database can't be reached or is overloaded (SQLSTATE " + state + ")");
  }

  @Test
  void aPoolWithoutConnectionsAndADriverWithoutStateAreOutages() {
    assertThat(DatabaseFailures.of(new SQLTransientConnectionException("no connection", "42000")))
        .isInstanceOf(DatabaseOutageException.class);
    assertThat(DatabaseFailures.of(new SQLException("connection refused")))
        .isInstanceOf(DatabaseOutageException.class)
        .hasMessage("the database can't be reached or is overloaded");
  }

  @ParameterizedTest
  @CsvSource({"22021,VALUE", "23505,DUPLICATE", "23502,OTHER", "44000,OTHER", "54000,OTHER"})
  void whatIsInARowIsTheFaultOfTheRow(String state, Reason reason) {
    assertThat(DatabaseFailures.of(new SQLException("insert into x", state)))
        .isInstanceOfSatisfying(
            RefusedRowException.class, row -> assertThat(row.reason()).isEqualTo(reason))
        .isNotInstanceOf(Outage.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"42703", "42P01", "P0001", "XX000", "0A000", "25P02"})
  void allElseIsTheFaultOfTheStatement(String state) {
    assertThat(DatabaseFailures.of(new SQLException("select x", state)))
        .isInstanceOf(RefusedStatementException.class)
        .isNotInstanceOf(Outage.class)
        .hasMessageNotContaining("select");
  }

  @Test
  @Tag("integration")
  void everyStatementOfADatabaseFailsInTheseTypes() {
    try (var database = TestingDatabase.create()) {
      assertThatThrownBy(() -> database.sql().fetch("select missing"))
          .isInstanceOf(RefusedStatementException.class);
      assertThatThrownBy(() -> database.sql().fetch("select cast('x' as int)"))
          .isInstanceOf(RefusedRowException.class);
      assertThatThrownBy(() -> database.transaction(DatabaseFailuresTest::endsItsOwnSession))
          .isInstanceOf(DatabaseOutageException.class);
      assertThatThrownBy(() -> database.transaction(DatabaseFailuresTest::writesReadOnly))
          .isInstanceOf(DatabaseOutageException.class);
      assertThat(database.sql().fetchValue("select 1")).isEqualTo(1);
    }
  }

  @Test
  @Tag("integration")
  void noConnectionInTimeIsAnOutageOfStatementsAndTransactions() throws SQLException {
    var settings = TestingDatabase.settings();
    var pool = new StoreSettings.Pool(1, Duration.ofSeconds(2), Duration.ofSeconds(60), 5000);
    try (var database =
            Database.open(
                new StoreSettings(
                    settings.server(),
                    pool,
                    settings.session(),
                    settings.journal(),
                    settings.retention()));
        var taken = database.dataSource().getConnection()) {
      assertThat(taken.isClosed()).isFalse();
      assertThatThrownBy(() -> database.sql().fetch("select 1"))
          .isInstanceOf(DatabaseOutageException.class);
      assertThatThrownBy(() -> database.transaction(DSLContext::selectOne))
          .isInstanceOf(DatabaseOutageException.class);
    }
  }

  @Test
  void aCallThatCannotEvenWaitIsRefusedAtOnce() throws Exception {
    var free = new CountDownLatch(1);
    var waiting = new CountDownLatch(1);
    var connections =
        new BoundedConnections(
            pool(() -> {
              waiting.countDown();
              free.await();
            }),
            1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(() -> connections.getConnection());
      waiting.await();
      assertThatThrownBy(connections::getConnection)
          .isInstanceOf(SQLTransientConnectionException.class)
          .hasMessageContaining("turboprop.store.pool.waiting-max");
      free.countDown();
      first.get();
    }
    assertThat(connections.waiting()).hasValue(0);
  }

  /** A pool whose only method gives no connection, after it has waited. */
  private static DataSource pool(Waiting waiting) {
    return (DataSource)
        Proxy.newProxyInstance(
            DataSource.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (_, _, _) -> {
              waiting.await();
              return null;
            });
  }

  private interface Waiting {
    void await() throws InterruptedException;
  }

  private static int endsItsOwnSession(DSLContext transaction) {
    return transaction.execute("select pg_terminate_backend(pg_backend_pid())");
  }

  private static int writesReadOnly(DSLContext transaction) {
    transaction.execute("set transaction read only");
    return transaction.execute("delete from project");
  }
}
