package io.turboprop.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import io.turboprop.setting.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The section {@code turboprop.store}.
 *
 * @param server where PostgreSQL is
 * @param pool of the tables, shared by everything but the journal
 */
public record StoreSettings(Server server, Pool pool, Journal journal, Retention retention) {

  /** Where PostgreSQL is. */
  public sealed interface Server {}

  /**
   * Our own server, started with the process and stopped with it.
   *
   * @param folder holds everything of it: data, password, log, lock
   * @param binaries where PostgreSQL is unpacked, once per version; may be shared by many folders
   * @param port on 127.0.0.1; 0 is any free one
   * @param parameters of {@code postgresql.conf}, besides those that we need as they are
   */
  public record Embedded(Path folder, Path binaries, int port, Map<String, String> parameters)
      implements Server {}

  /** Somebody else's server. */
  public record External(String url, String user, String password) implements Server {
    @Override
    public String toString() {
      return "External[" + url + ", " + user + "]";
    }
  }

  /**
   * @param connectionsMax the most connections at once
   * @param timeout the longest wait for a connection, be it new or somebody else's
   * @param answerTimeout the longest wait for the server's answer on one, the journal's included;
   *     whole seconds
   */
  public record Pool(int connectionsMax, Duration timeout, Duration answerTimeout) {

    /** What the driver has to know, of every connection, to notice a server that is gone. */
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
    var pool = store.getConfig("pool");
    var journal = new Section(store.getConfig("journal"), "turboprop.store.journal");
    var retention = store.getConfig("retention");
    return new StoreSettings(
        server(store),
        new Pool(
            pool.getInt("connections-max"),
            pool.getDuration("timeout"),
            pool.getDuration("answer-timeout")),
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

  private static Server server(Config store) {
    return switch (store.getString("server")) {
      case "embedded" -> embedded(store.getConfig("embedded"));
      case "external" -> external(store.getConfig("external"));
      case String other ->
          throw new StoreException(
              "turboprop.store.server is '%s', not 'embedded' or 'external'".formatted(other));
    };
  }

  private static Embedded embedded(Config config) {
    return new Embedded(
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

  private static External external(Config config) {
    return new External(
        config.getString("url"), config.getString("user"), config.getString("password"));
  }
}
