package io.turboprop.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turboprop.journal.JournalConfig;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.SingletonActor;

/** Starts and stops the actor system of this process, a node of the cluster. */
public final class ClusterNode {
  private static final long TERMINATE_SECONDS_MAX = 20;

  private ClusterNode() {}

  /**
   * Starts the system. It forms a cluster of its own unless the settings name nodes to join.
   *
   * @param journal where entities store their steps
   */
  public static ActorSystem<Void> start(Setup journal, Config settings) {
    var config =
        JournalConfig.of()
            .withFallback(ConfigFactory.parseResources("pekko.conf"))
            .withFallback(settings)
            .resolve();
    var system =
        ActorSystem.create(
            Behaviors.<Void>empty(),
            "turboprop",
            ActorSystemSetup.create(BootstrapSetup.create(config), journal));
    if (system.settings().config().getStringList("pekko.cluster.seed-nodes").isEmpty()) {
      var cluster = Cluster.get(system);
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    return system;
  }

  /** Starts the waker, of which the whole cluster has one. */
  public static void wake(ActorSystem<?> system, Behavior<Waker.Message> waker) {
    ClusterSingleton.get(system).init(SingletonActor.of(waker, "waker"));
  }

  /** Stops all actors and waits for their end. */
  public static void terminate(ActorSystem<?> system) throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(TERMINATE_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
