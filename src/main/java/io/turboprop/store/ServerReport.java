package io.turboprop.store;

import io.turboprop.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A report of a PostgreSQL server about itself and the engines on it. Reading it changes nothing,
 * uses a connection of its own, and also works before the tables exist.
 *
 * @param version the version of PostgreSQL, such as {@code 17.5}
 * @param parameters settings of the server by name, in its own spelling
 * @param connections how many connections are open, of all users
 * @param ahead how far the clock of this machine is ahead of the server's; negative if it is behind
 * @param tables the version of the tables; 0 where there are none
 * @param shards the number of shards that the first start has fixed; empty before it
 * @param blobStore the id of the blob store that the nodes use; empty before the first node
 * @param nodes the nodes that live
 */
public record ServerReport(
    String version,
    Map<String, String> parameters,
    int connections,
    Duration ahead,
    int tables,
    OptionalInt shards,
    Optional<UUID> blobStore,
    List<Node> nodes) {
  private static final int CONNECT_SECONDS_MAX = 5;
  private static final int ANSWER_SECONDS_MAX = 10;

  /** The version of the tables that have the cluster and its nodes. */
  private static final int TABLES_WITH_NODES = 18;

  private static final int TABLES_WITH_BLOB_STORE = 20;

  private static final List<String> PARAMETERS =
      List.of(
          "fsync",
          "full_page_writes",
          "synchronous_commit",
          "max_connections",
          "superuser_reserved_connections");

  /** A node that lives. */
  public record Node(String address, List<String> meetingPoints, String version, String api) {}

  /**
   * Reads the report.
   *
   * @throws SQLException when the server can't be reached or refuses the connection
   */
  public static ServerReport of(PostgresServer.External address) throws SQLException {
    try (var connection = connect(address)) {
      var tables = tables(connection);
      return new ServerReport(
          shown(connection, "server_version"),
          parameters(connection),
          number(connection, "select count(*) from pg_stat_activity"),
          ahead(connection),
          tables,
          tables < TABLES_WITH_NODES ? OptionalInt.empty() : shards(connection),
          tables < TABLES_WITH_BLOB_STORE ? Optional.empty() : blobStore(connection),
          tables < TABLES_WITH_NODES ? List.of() : nodes(connection));
    }
  }

  private static Connection connect(PostgresServer.External address) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", address.user());
    properties.setProperty("password", address.password());
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS_MAX));
    properties.setProperty("socketTimeout", Integer.toString(ANSWER_SECONDS_MAX));
    properties.setProperty("ApplicationName", "turboprop-doctor");
    return DriverManager.getConnection(address.url(), properties);
  }

  private static Map<String, String> parameters(Connection connection) throws SQLException {
    var found = new TreeMap<String, String>();
    for (var name : PARAMETERS) {
      found.put(name, shown(connection, name));
    }
    return found;
  }

  private static Duration ahead(Connection connection) throws SQLException {
    var before = Instant.now();
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery("select clock_timestamp()")) {
      answer.next();
      var there = answer.getObject(1, OffsetDateTime.class).toInstant();
      var half = Duration.between(before, Instant.now()).dividedBy(2);
      return Duration.between(there, before.plus(half));
    }
  }

  private static int tables(Connection connection) throws SQLException {
    return text(connection, "select to_regclass('flyway_schema_history')::text") == null
        ? 0
        : number(
            connection,
            "select coalesce(max(version::integer), 0) from flyway_schema_history where success");
  }

  private static OptionalInt shards(Connection connection) throws SQLException {
    var shards = text(connection, "select shards from cluster");
    return shards == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(shards));
  }

  private static Optional<UUID> blobStore(Connection connection) throws SQLException {
    return Optional.ofNullable(text(connection, "select blob_store::text from cluster"))
        .map(UUID::fromString);
  }

  private static List<Node> nodes(Connection connection) throws SQLException {
    var found = new ArrayList<Node>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select address, meeting_points, version, api from live_cluster_node order by id")) {
      while (rows.next()) {
        found.add(
            new Node(
                rows.getString(1),
                List.of((String[]) rows.getArray(2).getArray()),
                rows.getString(3),
                rows.getString(4)));
      }
    }
    return found;
  }

  private static String shown(Connection connection, String parameter) throws SQLException {
    return Objects.requireNonNull(text(connection, "show " + parameter));
  }

  private static int number(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery(query)) {
      answer.next();
      return answer.getInt(1);
    }
  }

  private static @Nullable String text(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery(query)) {
      return answer.next() ? answer.getString(1) : null;
    }
  }
}
