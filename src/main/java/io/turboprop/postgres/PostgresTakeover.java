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

/** Makes a server that somebody else has used one's own. */
final class PostgresTakeover {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /**
   * Says who is there, and tells all of them to end. Materialized, lest our own session be told
   * before it is left out.
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
   * Ends every session of others; what they had not committed is gone when this returns.
   *
   * @param timeout for connecting, for an answer, and for all sessions together to end; of whole
   *     seconds
   * @throws SQLException when the server does not let us in, or a session does not end
   */
  static void endOtherSessions(PostgresServer.External server, Duration timeout)
      throws SQLException {
    var begin = System.nanoTime();
    try (var connection = connect(server, timeout)) {
      for (var others = others(connection); !others.isEmpty(); others = others(connection)) {
        if (System.nanoTime() - begin > timeout.toNanos()) {
          throw new SQLException("sessions %s do not end".formatted(others));
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
   * Those that are still there, told to end once more: one may have come meanwhile. Without a
   * transaction around it the server looks anew each time. One that is gone before it is told has
   * ended as well.
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
