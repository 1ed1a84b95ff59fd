package io.turboprop.store;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the tables up to date, by the scripts in {@code db/migration}. */
final class Migrations {

  /** The version of the last script. */
  static final String NEWEST = "4";

  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

  private Migrations() {}

  /** Applies what is missing. Flyway takes half a second to see that nothing is: one query asks. */
  static void apply(DataSource database) throws SQLException {
    if (isNewest(database)) {
      return;
    }
    var result =
        Flyway.configure()
            .dataSource(database)
            .locations("classpath:db/migration")
            .load()
            .migrate();
    LOG.info("tables brought to version {}", result.targetSchemaVersion);
  }

  private static boolean isNewest(DataSource database) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      try (var history = statement.executeQuery("select to_regclass('flyway_schema_history')")) {
        history.next();
        if (history.getString(1) == null) {
          return false;
        }
      }
      try (var newest =
          statement.executeQuery(
              "select 1 from flyway_schema_history where success and version = '" + NEWEST + "'")) {
        return newest.next();
      }
    }
  }
}
