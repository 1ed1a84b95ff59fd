package io.turboprop.store;

import io.turboprop.postgres.EmbeddedPostgresServer;
import io.turboprop.postgres.Folders;
import io.turboprop.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fresh databases on a real, durable PostgreSQL that all tests of a JVM share. The server is
 * started by the first who asks, and is gone with its folder when the JVM ends.
 */
public final class TestingDatabase {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final StoreSettings.Pool POOL =
      new StoreSettings.Pool(8, Duration.ofSeconds(20), Duration.ofSeconds(60), 5000);

  private TestingDatabase() {}

  /** A new database with all tables and nothing in them; to be closed by the caller. */
  public static Database create() {
    return Database.open(settings());
  }

  /** The settings to open a new, empty database, for those that open it themselves. */
  public static StoreSettings settings() {
    return settingsOfNew("template " + Shared.TEMPLATE);
  }

  /** The settings to open a new database without tables. */
  public static StoreSettings emptySettings() {
    return settingsOfNew("");
  }

  private static StoreSettings settingsOfNew(String kind) {
    var name = "test" + NUMBER.incrementAndGet();
    try {
      execute("create database " + name + " " + kind);
    } catch (SQLException e) {
      throw new IllegalStateException("no database " + name, e);
    }
    return settings(name);
  }

  /** Where PostgreSQL is unpacked for tests: the same place for all, since it takes a second. */
  public static Path binaries() {
    return Path.of(System.getProperty("user.home"), ".cache", "turboprop", "postgresql");
  }

  private static StoreSettings settings(String database) {
    var server = Shared.SERVER.address();
    var url = server.url().replaceFirst("/postgres$", "/" + database);
    return settings(new PostgresServer.External(url, server.user(), server.password()));
  }

  /** The settings of a database that another process has made. */
  public static StoreSettings settings(PostgresServer.External database) {
    return new StoreSettings(
        database,
        POOL,
        new StoreSettings.Session(Duration.ofSeconds(3), Duration.ofSeconds(2)),
        new StoreSettings.Journal(1000, 4 << 20, 2, 100_000, 32 << 20),
        StoreSettings.Retention.FOR_EVER);
  }

  private static void execute(String statement) throws SQLException {
    var server = Shared.SERVER.address();
    try (var connection =
            DriverManager.getConnection(server.url(), server.user(), server.password());
        var sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  /** Starts with the first use; the migrations run once. */
  private static final class Shared {
    static final String TEMPLATE = "migrated";
    static final EmbeddedPostgresServer SERVER = start();

    static {
      try {
        execute("create database " + TEMPLATE);
      } catch (SQLException e) {
        throw new IllegalStateException("no template", e);
      }
      Database.open(settings(TEMPLATE)).close();
    }

    private static EmbeddedPostgresServer start() {
      try {
        var folder = Files.createTempDirectory("turboprop-postgresql");
        var server =
            EmbeddedPostgresServer.start(
                new PostgresServer.Embedded(
                    folder, binaries(), 0, Map.of("max_connections", "200")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, folder)));
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void stop(EmbeddedPostgresServer server, Path folder) {
      server.close();
      try {
        Folders.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
