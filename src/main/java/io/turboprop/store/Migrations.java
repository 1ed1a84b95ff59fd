package io.turboprop.store;

import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import io.turboprop.setting.BackOff;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the tables up to date, by the scripts in {@code db/migration}. */
public final class Migrations {
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final String FOLDER = "db/migration";
  private static final Pattern SCRIPT = Pattern.compile("V(\\d+)__\\w+\\.sql$");

  /** How long a script waits for a lock on a table. */
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

  /** The SQLSTATE of a statement whose wait for a lock has timed out. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** How often Flyway asks for its lock, once a second: until the other node is through. */
  private static final int LOCK_TRIES_UNLIMITED = -1;

  /**
   * Lets Flyway hold its lock by the session. By default it holds it by a transaction, and an index
   * that is built concurrently would wait for that one to end.
   */
  private static final Map<String, String> LOCK_OF_SESSION =
      Map.of("flyway.postgresql.transactional.lock", "false");

  /**
   * A script that was written anew, with the same result.
   *
   * @param before the checksum that databases have which the earlier script was applied to
   * @param now the checksum of the script on the class path
   */
  private record Rewritten(int version, int before, int now) {}

  /** V29 stopped writes while it built its index. */
  private static final List<Rewritten> REWRITTEN =
      List.of(new Rewritten(29, -1485694627, 644205233));

  private static final BackOff LOCKED = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(10));

  private Migrations() {}

  /**
   * Applies what is missing. Flyway takes half a second to see that nothing is: one query asks.
   *
   * @throws StoreException when a newer version of Turboprop has changed these tables so that this
   *     one can't use them
   */
  static void apply(DataSource database, PostgresServer.External address) throws SQLException {
    if (areApplied(database)) {
      return;
    }
    for (var pause = LOCKED.min(); ; pause = LOCKED.next(pause)) {
      correctHistory(database);
      if (isMigrated(address, pause)) {
        return;
      }
      LockSupport.parkNanos(pause.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new StoreException("interrupted while the tables were brought up to date");
      }
    }
  }

  /**
   * Applies scripts, on a connection that waits for as long as a script takes. But a script does
   * not wait long for a lock on a table (of a backup, for example), because every other statement
   * on the table would wait behind it.
   *
   * @param pause after which the caller tries again
   * @return whether all is applied; false when a table was locked
   */
  private static boolean isMigrated(PostgresServer.External address, Duration pause) {
    try {
      var result =
          Flyway.configure()
              .dataSource(address.url(), address.user(), address.password())
              .initSql("set lock_timeout = '%dms'".formatted(LOCK_TIMEOUT.toMillis()))
              .locations("classpath:" + FOLDER)
              .configuration(LOCK_OF_SESSION)
              .lockRetryCount(LOCK_TRIES_UNLIMITED)
              .load()
              .migrate();
      if (result.migrationsExecuted > 0) { // else another node was faster
        LOG.info("tables brought to version {}", result.targetSchemaVersion);
      }
      return true;
    } catch (FlywayException e) {
      if (!isLocked(e)) {
        throw e;
      }
      LOG.warn(
          "the tables can't be brought up to date while others use them (a backup?); trying again in {}",
          pause);
      return false;
    }
  }

  /**
   * Repairs the history so that Flyway can continue: removes the entries of scripts that failed
   * outside of a transaction (such scripts begin by removing their own remains), and corrects the
   * checksums of scripts that were rewritten.
   */
  private static void correctHistory(DataSource database) throws SQLException {
    if (history(database).isEmpty()) {
      return;
    }
    try (var connection = database.getConnection();
        var deletion =
            connection.prepareStatement("delete from flyway_schema_history where not success");
        var update =
            connection.prepareStatement(
                "update flyway_schema_history set checksum = ? where version = ? and checksum = ?")) {
      deletion.executeUpdate();
      for (var script : REWRITTEN) {
        update.setInt(1, script.now());
        update.setString(2, Integer.toString(script.version()));
        update.setInt(3, script.before());
        update.executeUpdate();
      }
    }
  }

  private static boolean isLocked(Throwable failure) {
    return failure instanceof SQLException sql && LOCK_NOT_AVAILABLE.equals(sql.getSQLState())
        || failure.getCause() instanceof Throwable cause && cause != failure && isLocked(cause);
  }

  /**
   * Changes nothing.
   *
   * @throws StoreException when the tables are not those of this version of Turboprop
   */
  static void check(DataSource database, PostgresServer.External address) throws SQLException {
    if (!areApplied(database)) {
      throw new StoreException(
          ("the tables are of version %d, and this Turboprop needs %d: use the version that has last"
                  + " used them, or start an engine of this one, which brings them up to date")
              .formatted(applied(database), newestScript()));
    }
  }

  /**
   * Whether no script is missing.
   *
   * @throws StoreException when a newer script was applied and an older one was not: they may
   *     depend on each other, and it is not known what else is in the tables
   */
  private static boolean areApplied(DataSource database) throws SQLException {
    var newest = newestScript();
    var history = history(database);
    var applied = history.isEmpty() ? 0 : history.last();
    var left = new TreeSet<>(scripts().headSet(applied));
    left.removeAll(history);
    if (!left.isEmpty()) {
      throw new StoreException(
          ("the tables are of version %d, and lack the changes of version %s: another Turboprop, whose"
                  + " versions are not those of this one, has used them. Restore a backup from before, or"
                  + " use another database (turboprop.store.external.url)")
              .formatted(
                  applied, left.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
    if (applied > newest) {
      var readableFrom = readableFrom(database);
      if (readableFrom > newest) {
        throw new StoreException(
            ("the tables are of version %d, and this Turboprop knows them up to %d; they can be used from %d on:"
                    + " run the version that has last used them, or a newer one")
                .formatted(applied, newest, readableFrom));
      }
      LOG.info("a newer Turboprop has brought the tables to version {}; they can be used", applied);
    }
    return applied >= newest;
  }

  /** The oldest version of the tables whose engines may use these. */
  private static int readableFrom(DataSource database) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement();
        var answer = statement.executeQuery("select readable_from from cluster")) {
      answer.next();
      return answer.getInt(1);
    }
  }

  /** The version of the last script that was applied; 0 before the first. */
  static int applied(DataSource database) throws SQLException {
    var history = history(database);
    return history.isEmpty() ? 0 : history.last();
  }

  /** The versions of the scripts that were applied. */
  private static SortedSet<Integer> history(DataSource database) throws SQLException {
    var versions = new TreeSet<Integer>();
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      try (var history = statement.executeQuery("select to_regclass('flyway_schema_history')")) {
        history.next();
        if (history.getString(1) == null) {
          return versions;
        }
      }
      try (var applied =
          statement.executeQuery(
              "select cast(version as integer) from flyway_schema_history where success")) {
        while (applied.next()) {
          versions.add(applied.getInt(1));
        }
      }
    }
    return versions;
  }

  /** The version of the last script on the class path. */
  public static int newestScript() {
    return scripts().last();
  }

  /** The versions of the scripts on the class path. */
  private static SortedSet<Integer> scripts() {
    var folder = Migrations.class.getClassLoader().getResource(FOLDER);
    if (folder == null) {
      throw new IllegalStateException("no scripts on the class path: " + FOLDER);
    }
    try {
      return names(folder).stream()
          .flatMap(name -> SCRIPT.matcher(name).results())
          .map((MatchResult script) -> script.group(1))
          .map(Integer::valueOf)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> names(URL folder) throws IOException, URISyntaxException {
    if (folder.openConnection() instanceof JarURLConnection jar) {
      return jar.getJarFile().stream()
          .map(ZipEntry::getName)
          .filter(name -> name.startsWith(FOLDER))
          .toList();
    }
    try (var files = Files.list(Path.of(folder.toURI()))) {
      return files.map(Path::toString).toList();
    }
  }
}
