package io.turboprop.store;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Makes a server that somebody else has used one's own. */
final class PostgresTakeover {
  private static final String END_OTHERS =
      """
      with others as materialized (
        select pid from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid())
      select pid from others where not pg_terminate_backend(pid, ?)
      """;

  private PostgresTakeover() {}

  /**
   * Ends every session of others; what they had not committed is gone when this returns.
   *
   * @param timeout for connecting, and for each session to end
   * @throws SQLException when the server does not let us in, or a session does not end
   */
  static void endOtherSessions(StoreSettings.External server, Duration timeout)
      throws SQLException {
    var properties = new Properties();
    PGProperty.USER.set(properties, server.user());
    PGProperty.PASSWORD.set(properties, server.password());
    PGProperty.CONNECT_TIMEOUT.set(properties, (int) timeout.toSeconds());
    try (var connection = DriverManager.getConnection(server.url(), properties);
        var statement = connection.prepareStatement(END_OTHERS)) {
      statement.setLong(1, timeout.toMillis());
      try (var stays = statement.executeQuery()) {
        if (stays.next()) {
          throw new SQLException("session %d does not end".formatted(stays.getInt(1)));
        }
      }
    }
  }
}
