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
 * What the actor system has to know to write its journal into our database; to be laid over its
 * other configuration.
 *
 * <p>As shipped, Persistence JDBC goes through Slick: a lone step costs it three times as much, and
 * with thousands of busy executions its queue overflows. It asks {@link StepDao} and {@link
 * StateDao} instead.
 */
public final class JournalConfig {
  private static final String JOURNAL = "jdbc-journal";
  private static final String SNAPSHOTS = "jdbc-snapshot-store";
  private static final String SLICK = "pekko-persistence-jdbc.shared-databases.slick";

  private JournalConfig() {}

  /** For an actor system that is given its {@link JournalConnections}. */
  public static Config of() {
    var config = new HashMap<String, Object>();
    config.put("pekko.persistence.journal.plugin", JOURNAL);
    config.put("pekko.persistence.snapshot-store.plugin", SNAPSHOTS);
    config.put(JOURNAL + ".dao", StepDao.class.getName());
    config.put(SNAPSHOTS + ".dao", StateDao.class.getName());
    // It never blocks, so a thread of its own would only add switches between threads.
    config.put(JOURNAL + ".plugin-dispatcher", "pekko.actor.default-dispatcher");
    // Nobody compares the answers of different executions: a slow write holds up no other.
    config.put(JOURNAL + ".write-response-global-order", "off");
    circuitBreakers(config);
    slick(config);
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

  /** The plugin opens a database of Slick's in any case; ours are never asked through it. */
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
