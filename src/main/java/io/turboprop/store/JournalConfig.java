package io.turboprop.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import io.turboprop.store.journal.v1.State;
import io.turboprop.workflow.WorkflowStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the actor system has to know to write its journal into our database; to be laid over its
 * other configuration.
 *
 * <p>As shipped, the plugin writes batches of 400 with 8 threads from a queue of 1,000, and what
 * does not fit fails: with thousands of busy executions everything does. Few writers with big
 * batches are both faster and never refused.
 */
public final class JournalConfig {
  private static final String JOURNAL = "jdbc-journal";
  private static final String SNAPSHOTS = "jdbc-snapshot-store";
  private static final String DATABASE = "pekko-persistence-jdbc.shared-databases.slick";

  private JournalConfig() {}

  public static Config of(Database database, StoreSettings.Journal settings) {
    var config = new HashMap<String, Object>();
    config.put("pekko.persistence.journal.plugin", JOURNAL);
    config.put("pekko.persistence.snapshot-store.plugin", SNAPSHOTS);
    config.put(SNAPSHOTS + ".use-shared-db", "slick");
    journal(config, settings);
    circuitBreakers(config);
    pool(config, database, settings);
    serializer(config);
    return ConfigFactory.parseMap(config, "the store");
  }

  /**
   * After a row of failures, calls are refused without trying for a while. As shipped that is half
   * a minute, or a whole one, in which a database that is long back is not asked.
   */
  private static void circuitBreakers(Map<String, Object> config) {
    for (var plugin : List.of(JOURNAL, SNAPSHOTS)) {
      config.put(plugin + ".circuit-breaker.reset-timeout", "500ms");
    }
  }

  private static void journal(Map<String, Object> config, StoreSettings.Journal settings) {
    config.put(JOURNAL + ".use-shared-db", "slick");
    config.put(JOURNAL + ".bufferSize", settings.queuedStepsMax());
    config.put(JOURNAL + ".batchSize", settings.batchStepsMax());
    config.put(JOURNAL + ".parallelism", settings.parallelism());
    // It never blocks, so a thread of its own would only add switches between threads.
    config.put(JOURNAL + ".plugin-dispatcher", "pekko.actor.default-dispatcher");
    // Nobody compares the answers of different executions: a slow write holds up no other.
    config.put(JOURNAL + ".write-response-global-order", "off");
  }

  private static void pool(
      Map<String, Object> config, Database database, StoreSettings.Journal settings) {
    var address = database.address();
    config.put(DATABASE + ".profile", "slick.jdbc.PostgresProfile$");
    var pool = DATABASE + ".db.";
    config.put(pool + "url", address.url());
    config.put(pool + "user", address.user());
    config.put(pool + "password", address.password());
    config.put(pool + "driver", "org.postgresql.Driver");
    config.put(pool + "numThreads", settings.connections());
    config.put(pool + "maxConnections", settings.connections());
    config.put(pool + "minConnections", settings.connections());
    config.put(pool + "queueSize", settings.queuedStepsMax());
    database
        .driverProperties()
        .forEach((name, value) -> config.put(pool + "properties." + name, value));
    config.put(pool + "properties.ApplicationName", "turboprop-journal");
  }

  private static void serializer(Map<String, Object> config) {
    var name = "turboprop-journal";
    config.put("pekko.actor.serializers." + name, JournalSerializer.class.getName());
    for (var type : new Class<?>[] {WorkflowStep.class, State.class}) {
      config.put(
          "pekko.actor.serialization-bindings." + ConfigUtil.quoteString(type.getName()), name);
    }
  }
}
