package io.turboprop.postgres;

import java.util.Map;
import java.util.TreeMap;

/**
 * The parameters in the {@code postgresql.conf} of an embedded server: durable, with little memory,
 * for very many small commits of one process.
 */
final class PostgresParameters {

  /** The defaults that settings may change. */
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("max_connections", "50"),
          Map.entry("shared_buffers", "64MB"),
          Map.entry("work_mem", "4MB"),
          Map.entry("maintenance_work_mem", "32MB"),
          Map.entry("effective_cache_size", "512MB"),
          Map.entry("random_page_cost", "1.1"),
          Map.entry("jit", "off"),
          Map.entry("max_parallel_workers_per_gather", "0"),
          Map.entry("max_parallel_maintenance_workers", "0"),
          Map.entry("autovacuum_max_workers", "1"),
          Map.entry("autovacuum_naptime", "15s"),
          Map.entry("wal_level", "minimal"),
          Map.entry("max_wal_senders", "0"),
          Map.entry("wal_buffers", "16MB"),
          Map.entry("min_wal_size", "256MB"),
          Map.entry("max_wal_size", "1GB"),
          Map.entry("checkpoint_timeout", "5min"),
          Map.entry("log_checkpoints", "off"),
          Map.entry("timezone", "UTC"),
          Map.entry("log_timezone", "UTC"));

  /**
   * The parameters that settings may not change: they make a commit durable and bind the server to
   * this machine.
   */
  private static final Map<String, String> FIXED =
      Map.of(
          "fsync", "on",
          "synchronous_commit", "on",
          "full_page_writes", "on",
          "listen_addresses", "127.0.0.1",
          "unix_socket_directories", "");

  private PostgresParameters() {}

  /**
   * @throws StoreException when a setting gives a parameter that may not be changed
   */
  static Map<String, String> of(int port, Map<String, String> given) {
    for (var name : given.keySet()) {
      if (FIXED.containsKey(name) || "port".equals(name)) {
        throw new StoreException(
            "turboprop.store.embedded.parameters may not set '%s': remove it".formatted(name));
      }
    }
    var all = new TreeMap<>(DEFAULTS);
    all.putAll(given);
    all.putAll(FIXED);
    all.put("port", Integer.toString(port));
    return all;
  }
}
