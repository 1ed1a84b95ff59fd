package io.turboprop.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.postgres.StoreException;
import io.turboprop.setting.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The section {@code turboprop.store}.
 *
 * @param server the PostgreSQL server
 * @param pool the pool of connections for the tables; the journal has its own
 */
public record StoreSettings(
    PostgresServer server, Pool pool, Session session, Journal journal, Retention retention) {

  /**
   * @param connectionsMax the most connections at once
   * @param timeout the longest wait for a connection, new or returned by another call
   * @param answerTimeout the longest wait for the server's answer on a connection, the journal's
   *     included; whole seconds
   * @param waitingMax how many calls may wait for a connection; further calls are refused
   */
  public record Pool(int connectionsMax, Duration timeout, Duration answerTimeout, int waitingMax) {

    /** The driver's properties of every connection, so that the driver notices a lost server. */
    Map<String, String> driverProperties() {
      return Map.of(
          "connectTimeout",
          Long.toString(Math.max(1, timeout.toSeconds())),
          "socketTimeout",
          Long.toString(Math.max(1, answerTimeout.toSeconds())),
          "tcpKeepAlive",
          "true",
          "reWriteBatchedInserts",
          "true");
    }
  }

  /**
   * The session by which an engine shows that it lives.
   *
   * @param startWait how long a start waits for an engine that is about to end
   * @param interval how often the engine uses the session
   */
  public record Session(Duration startWait, Duration interval) {}

  /**
   * How the journal writes.
   *
   * @param batchStepsMax the most rows in one transaction
   * @param batchBytesMax about the most bytes in one transaction; a larger row gets its own
   * @param parallelism how many transactions are under way at once
   * @param queuedStepsMax how many writes may wait; further ones fail
   * @param queuedBytesMax about how many bytes may wait before further writes fail
   */
  public record Journal(
      int batchStepsMax,
      long batchBytesMax,
      int parallelism,
      int queuedStepsMax,
      long queuedBytesMax) {}

  /**
   * How long executions are kept after their end.
   *
   * @param keep zero: for ever
   * @param interval the pause between two sweeps
   * @param batchSize the most executions looked up at once
   * @param withRawData whether the data that outputs refer to goes too
   */
  public record Retention(Duration keep, Duration interval, int batchSize, boolean withRawData) {
    public static final Retention FOR_EVER =
        new Retention(Duration.ZERO, Duration.ofHours(1), 1, false);
  }

  /** Reads the section {@code turboprop.store}. */
  public static StoreSettings from(Config store) {
    var pool = new Section(store.getConfig("pool"), "turboprop.store.pool");
    var session = new Section(store.getConfig("session"), "turboprop.store.session");
    var journal = new Section(store.getConfig("journal"), "turboprop.store.journal");
    var retention = store.getConfig("retention");
    return new StoreSettings(
        server(store),
        new Pool(
            pool.number("connections-max", 1),
            pool.pause("timeout"),
            pool.pause("answer-timeout"),
            pool.number("waiting-max", 1)),
        new Session(session.time("start-wait"), session.pause("interval")),
        new Journal(
            journal.number("batch-steps-max", 1),
            journal.bytes("batch-max"),
            journal.number("parallelism", 1),
            journal.number("queued-steps-max", 1),
            journal.bytes("queued-max", 1)),
        new Retention(
            retention.getDuration("keep-executions"),
            retention.getDuration("interval"),
            retention.getInt("batch"),
            retention.getBoolean("with-raw-data")));
  }

  private static PostgresServer server(Config store) {
    return switch (store.getString("server")) {
      case "embedded" -> embedded(store.getConfig("embedded"));
      case "external" -> external(store.getConfig("external"));
      case String other ->
          throw new StoreException(
              "turboprop.store.server is '%s', not 'embedded' or 'external'".formatted(other));
    };
  }

  private static PostgresServer.Embedded embedded(Config config) {
    return new PostgresServer.Embedded(
        Path.of(config.getString("folder")),
        Path.of(config.getString("binaries")),
        config.getInt("port"),
        parameters(config.getConfig("parameters")));
  }

  /** Names of PostgreSQL's extensions have dots, which HOCON reads as sections. */
  private static Map<String, String> parameters(Config config) {
    var parameters = new TreeMap<String, String>();
    for (var entry : config.entrySet()) {
      var name = String.join(".", ConfigUtil.splitPath(entry.getKey()));
      parameters.put(name, entry.getValue().unwrapped().toString());
    }
    return parameters;
  }

  private static PostgresServer.External external(Config config) {
    return new PostgresServer.External(
        config.getString("url"), config.getString("user"), config.getString("password"));
  }
}
