package io.turboprop.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGProperty;

/** Takes over a server that another process has used. */
final class PostgresTakeover {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /**
   * Lists all other sessions and terminates them. The list is materialized, so that this session is
   * excluded before any session is terminated.
   */
  private static final String END_OTHERS =
      """
      with others as materialized (
        select pid from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid())
      select pid, pg_terminate_backend(pid) from others
      """;

  private PostgresTakeover() {}

  /**
   * Ends all other sessions; when this returns, their open transactions are rolled back.
   *
   * @param timeout the timeout, in whole seconds, of the connecting, of each answer, and of the end
   *     of all sessions together
   * @throws SQLException when the server refuses the connection, or a session does not end
   */
  static void endOtherSessions(PostgresServer.External server, Duration timeout)
      throws SQLException {
    var begin = System.nanoTime();
    try (var connection = connect(server, timeout)) {
      for (var others = others(connection); !others.isEmpty(); others = others(connection)) {
        if (System.nanoTime() - begin > timeout.toNanos()) {
          throw new SQLException("the PostgreSQL sessions %s do not end".formatted(others));
        }
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      }
    }
  }

  private static Connection connect(PostgresServer.External server, Duration timeout)
      throws SQLException {
    var properties = new Properties();
    PGProperty.USER.set(properties, server.user());
    PGProperty.PASSWORD.set(properties, server.password());
    PGProperty.CONNECT_TIMEOUT.set(properties, (int) timeout.toSeconds());
    PGProperty.SOCKET_TIMEOUT.set(properties, (int) timeout.toSeconds());
    return DriverManager.getConnection(server.url(), properties);
  }

  /**
   * The sessions that remain, terminated once more, since another may have begun meanwhile. The
   * query runs outside of a transaction, so that it sees the present sessions each time. A session
   * that ends by itself has ended as well.
   */
  private static List<Integer> others(Connection connection) throws SQLException {
    var pids = new ArrayList<Integer>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(END_OTHERS)) {
      while (rows.next()) {
        pids.add(rows.getInt(1));
      }
    }
    return pids;
  }
}
