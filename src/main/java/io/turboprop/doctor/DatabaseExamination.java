package io.turboprop.doctor;

import io.turboprop.postgres.EmbeddedPostgresServer;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.Durability;
import io.turboprop.store.Migrations;
import io.turboprop.store.ServerReport;
import io.turboprop.store.StoreSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Whether PostgreSQL can be reached and keeps what it acknowledges. */
final class DatabaseExamination {
  private static final String SUBJECT = "database";
  private static final int VERSION_MIN = 14;
  private static final Duration SKEW_WARNED = Duration.ofSeconds(1);

  private final StoreSettings settings;
  private final boolean isStandalone;

  DatabaseExamination(StoreSettings settings, boolean isStandalone) {
    this.settings = settings;
    this.isStandalone = isStandalone;
  }

  /** The server's report; empty if the server does not run or can't be reached. */
  Optional<ServerReport> examine(List<Finding> findings) {
    return switch (settings.server()) {
      case PostgresServer.Embedded embedded -> embedded(embedded, findings);
      case PostgresServer.External external -> asked(external, findings);
    };
  }

  private Optional<ServerReport> embedded(
      PostgresServer.Embedded embedded, List<Finding> findings) {
    if (!isStandalone) {
      findings.add(
          Finding.problem(
              SUBJECT,
              "the embedded PostgreSQL serves one engine, and this one is a node of a cluster: start"
                  + " a PostgreSQL for all nodes and set turboprop.store.server = external and"
                  + " turboprop.store.external.url"));
      return Optional.empty();
    }
    try {
      var running = EmbeddedPostgresServer.running(embedded);
      if (running.isPresent()) {
        return asked(running.orElseThrow(), findings);
      }
    } catch (StoreException e) {
      findings.add(Finding.problem(SUBJECT, String.valueOf(e.getMessage())));
      return Optional.empty();
    }
    findings.add(
        Finding.ok(
            SUBJECT,
            "PostgreSQL is embedded and does not run now; the engine starts it in "
                + embedded.folder()));
    return Optional.empty();
  }

  private Optional<ServerReport> asked(PostgresServer.External address, List<Finding> findings) {
    try {
      var report = ServerReport.of(address);
      findings.add(
          Finding.ok(
              SUBJECT, "PostgreSQL %s answers at %s".formatted(report.version(), address.url())));
      durability(report, findings);
      connections(report, findings);
      clock(report, findings);
      tables(report, findings);
      return Optional.of(report);
    } catch (SQLException e) {
      findings.add(Finding.problem(SUBJECT, refusal(address, e)));
      return Optional.empty();
    }
  }

  private static String refusal(PostgresServer.External address, SQLException e) {
    var state = e.getSQLState() == null ? "" : e.getSQLState();
    return switch (state) {
      case "28P01", "28000" ->
          ("PostgreSQL at %s refuses the user '%s': correct turboprop.store.external.user and password"
                  + " (TURBOPROP_DATABASE_PASSWORD)")
              .formatted(address.url(), address.user());
      case "3D000" ->
          "PostgreSQL has no such database as in %s: create it, or correct turboprop.store.external.url"
              .formatted(address.url());
      case "42501" ->
          "the user '%s' may not read what an engine needs at %s: make it the owner of the database (%s)"
              .formatted(address.user(), address.url(), e.getMessage());
      case "53300" ->
          "PostgreSQL at %s has no connection left: raise its max_connections"
              .formatted(address.url());
      default ->
          "PostgreSQL can't be reached at %s: start it, or correct turboprop.store.external.url (%s)"
              .formatted(address.url(), e.getMessage());
    };
  }

  private static void durability(ServerReport report, List<Finding> findings) {
    var parameters = report.parameters();
    var problem =
        Durability.problem(
            parameters.getOrDefault("fsync", ""),
            parameters.getOrDefault("synchronous_commit", ""));
    if (problem.isPresent()) {
      findings.add(Finding.problem(SUBJECT, "PostgreSQL " + problem.get()));
    } else if (!"on".equals(parameters.get("full_page_writes"))) {
      findings.add(
          Finding.warning(
              SUBJECT,
              "full_page_writes is off, which only some file systems bear: switch it on unless yours"
                  + " writes pages whole"));
    }
    var major = Integer.parseInt(report.version().split("\\D", 2)[0]);
    if (major < VERSION_MIN) {
      findings.add(
          Finding.problem(
              SUBJECT,
              "PostgreSQL %s is too old: use version %d or newer"
                  .formatted(report.version(), VERSION_MIN)));
    }
  }

  private void connections(ServerReport report, List<Finding> findings) {
    var each = settings.pool().connectionsMax() + settings.journal().parallelism() + 1;
    var others = report.nodes().size();
    var most =
        Integer.parseInt(report.parameters().get("max_connections"))
            - Integer.parseInt(report.parameters().get("superuser_reserved_connections"));
    if ((others + 1) * each > most) {
      findings.add(
          Finding.warning(
              SUBJECT,
              ("%d engines with up to %d connections each need more than the %d that PostgreSQL allows:"
                      + " raise max_connections, or lower turboprop.store.pool.connections-max")
                  .formatted(others + 1, each, most)));
    }
  }

  static void clock(ServerReport report, List<Finding> findings) {
    if (report.ahead().abs().compareTo(SKEW_WARNED) > 0) {
      findings.add(
          Finding.warning(
              "clock",
              ("the clock of this machine is %s s %s the database's: synchronise both (NTP). The engine"
                      + " goes by the database's")
                  .formatted(
                      report.ahead().abs().toSeconds(),
                      report.ahead().isNegative() ? "behind" : "ahead of")));
    } else {
      findings.add(Finding.ok("clock", "this machine and the database agree within a second"));
    }
  }

  private static void tables(ServerReport report, List<Finding> findings) {
    var newest = Migrations.newestScript();
    if (report.tables() == 0) {
      findings.add(Finding.ok("tables", "there are none yet; the first engine makes them"));
    } else if (report.tables() < newest) {
      findings.add(
          Finding.ok(
              "tables",
              "of version %d; an engine of this Turboprop brings them to %d"
                  .formatted(report.tables(), newest)));
    } else if (report.tables() > newest) {
      findings.add(
          Finding.warning(
              "tables",
              ("of version %d, and this Turboprop knows them up to %d: an engine starts only if they"
                      + " still serve it; upgrade this one")
                  .formatted(report.tables(), newest)));
    } else {
      findings.add(
          Finding.ok("tables", "of version %d, as this Turboprop has them".formatted(newest)));
    }
  }
}
