package io.turboprop.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import io.turboprop.journal.v1.State;
import io.turboprop.workflow.state.WorkflowStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration that makes the actor system write its journal into the engine's database. It
 * overrides the system's other configuration.
 *
 * <p>Pekko Persistence JDBC by default uses Slick. There each step passes Slick's queue and
 * threads, and thousands of busy executions overflow the queue. This configuration replaces Slick
 * by {@link StepDao} and {@link StateDao}.
 */
public final class JournalConfig {
  private static final String JOURNAL = "jdbc-journal";
  private static final String SNAPSHOTS = "jdbc-snapshot-store";
  private static final String SLICK = "pekko-persistence-jdbc.shared-databases.slick";

  private JournalConfig() {}

  /** The configuration of an actor system that has {@link JournalConnections} in its setup. */
  public static Config of() {
    var config = new HashMap<String, Object>();
    config.put("pekko.persistence.journal.plugin", JOURNAL);
    config.put("pekko.persistence.snapshot-store.plugin", SNAPSHOTS);
    config.put(JOURNAL + ".dao", StepDao.class.getName());
    config.put(SNAPSHOTS + ".dao", StateDao.class.getName());
    // The plugin never blocks, so a dispatcher of its own would only add thread switches.
    config.put(JOURNAL + ".plugin-dispatcher", "pekko.actor.default-dispatcher");
    // The order of replies to different executions has no meaning, so a slow write delays no other.
    config.put(JOURNAL + ".write-response-global-order", "off");
    circuitBreakers(config);
    slick(config);
    serializer(config);
    return ConfigFactory.parseMap(config, "the store");
  }

  /**
   * Shortens the pause in which an open circuit breaker refuses calls. By default it is half a
   * minute or a minute, long after the database may be reachable again.
   */
  private static void circuitBreakers(Map<String, Object> config) {
    for (var plugin : List.of(JOURNAL, SNAPSHOTS)) {
      config.put(plugin + ".circuit-breaker.reset-timeout", "500ms");
    }
  }

  /**
   * Gives the plugin the Slick database that it always opens. No statement of the engine goes
   * through it.
   */
  private static void slick(Map<String, Object> config) {
    for (var plugin : List.of(JOURNAL, SNAPSHOTS)) {
      config.put(plugin + ".use-shared-db", "slick");
    }
    config.put(SLICK + ".profile", "slick.jdbc.PostgresProfile$");
    config.put(SLICK + ".db.connectionPool", "disabled");
    config.put(SLICK + ".db.url", "jdbc:postgresql:");
    config.put(SLICK + ".db.driver", "org.postgresql.Driver");
    config.put(SLICK + ".db.numThreads", 1);
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
