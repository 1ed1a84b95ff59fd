package io.turboprop.cluster;

import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.Cluster;

/**
 * The nodes that have said that they are about to leave. They are still members: they leave when
 * their executions have moved to others. All nodes know them after some tenths of a second, by
 * Pekko's receptionist, which forgets them with their nodes.
 */
final class Departures {
  private static final ServiceKey<Void> KEY = ServiceKey.create(Void.class, "departing-engine");

  private final ActorSystem<?> system;
  private volatile Set<Address> addresses = Set.of();

  private Departures(ActorSystem<?> system) {
    this.system = system;
  }

  /** Begins to watch. */
  static Departures watch(ActorSystem<?> system) {
    var departures = new Departures(system);
    var self = Cluster.get(system).selfAddress();
    system.systemActorOf(
        Behaviors.<Receptionist.Listing>setup(context -> {
          system.receptionist().tell(Receptionist.subscribe(KEY, context.getSelf()));
          return Behaviors.receiveMessage(listing -> {
            departures.addresses =
                listing.getServiceInstances(KEY).stream()
                    .map(each -> each.path().address())
                    .map(address -> address.hasLocalScope() ? self : address)
                    .collect(Collectors.toUnmodifiableSet());
            return Behaviors.same();
          });
        }),
        "departures",
        Props.empty());
    return departures;
  }

  /** Says of this node that it is about to leave. */
  void announce() {
    var _ =
        system.systemActorOf(
            Behaviors.<Void>setup(context -> {
              system.receptionist().tell(Receptionist.register(KEY, context.getSelf()));
              return Behaviors.empty();
            }),
            "departure",
            Props.empty());
  }

  Set<Address> addresses() {
    return addresses;
  }
}
