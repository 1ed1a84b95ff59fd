package io.turboprop.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import io.turboprop.executor.Executor;
import io.turboprop.journal.JournalConfig;
import io.turboprop.workflow.entity.WorkflowEntity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.ClusterSingletonSettings;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.apache.pekko.remote.UniqueAddress;
import org.apache.pekko.remote.artery.QuarantinedEvent;

/** The actor system of this process, as a node of the cluster. */
public final class ClusterNode implements AutoCloseable {
  private static final String SYSTEM = "turboprop";
  private static final String DISCOVERY = "pekko.discovery.method";
  private static final long TERMINATE_SECONDS_MAX = 30;
  private static final Set<MemberStatus> IN_SERVICE =
      Set.of(MemberStatus.up(), MemberStatus.weaklyUp(), MemberStatus.leaving());

  private final ActorSystem<Void> system;
  private final Cluster cluster;

  private ClusterNode(ActorSystem<Void> system) {
    this.system = system;
    this.cluster = Cluster.get(system);
  }

  /**
   * Starts the actor system; {@link ClusterEntry} brings it into a cluster.
   *
   * @param journal the journal in which entities store their steps
   * @param config all settings, resolved; {@link #required} overrides them
   */
  public static ClusterNode start(Setup journal, ClusterSettings settings, Config config) {
    var node =
        new ClusterNode(
            ActorSystem.create(
                Behaviors.empty(),
                SYSTEM,
                ActorSystemSetup.create(
                    BootstrapSetup.create(
                        required(settings)
                            .withFallback(discovery(settings, config))
                            .withFallback(config)),
                    journal)));
    if (settings.management().enabled()) {
      PekkoManagement.get(node.system).start();
    }
    return node;
  }

  /** Pekko's name of the discovery method, unless Pekko's own setting has one. */
  private static Config discovery(ClusterSettings settings, Config config) {
    var method =
        switch (settings.discovery()) {
          case SEEDS -> "";
          case DNS -> "pekko-dns";
          case KUBERNETES -> "kubernetes-api";
        };
    return method.isEmpty() || !config.getString(DISCOVERY).startsWith("<")
        ? ConfigFactory.empty()
        : ConfigFactory.parseMap(Map.of(DISCOVERY, method), "the cluster");
  }

  /** The settings of Pekko that the engine requires. */
  static Config required(ClusterSettings settings) {
    var required = new HashMap<String, Object>();
    required.put("pekko.actor.provider", "cluster");
    required.put("pekko.cluster.roles", settings.roles().stream().map(Role::text).toList());
    // The journal and the tables hold all entities; the waker activates them.
    required.put("pekko.cluster.sharding.remember-entities", "off");
    required.put("pekko.cluster.sharding.passivation.strategy", "none");
    // The database decides which nodes may join, see ClusterEntry.
    required.put("pekko.cluster.seed-nodes", List.of());
    return ConfigFactory.parseMap(required, "the cluster")
        .withFallback(messages())
        .withFallback(JournalConfig.of());
  }

  /** The serialization of messages between nodes. */
  static Config messages() {
    var bindings = new HashMap<String, Object>();
    for (var type :
        List.of(WorkflowEntity.Message.class, WorkflowEntity.Reply.class, Executor.Wake.class)) {
      bindings.put(
          "pekko.actor.serialization-bindings." + ConfigUtil.quoteString(type.getName()),
          "jackson-cbor");
    }
    return ConfigFactory.parseMap(Map.copyOf(bindings), "the cluster");
  }

  public ActorSystem<Void> system() {
    return system;
  }

  /** {@code host:port} where other nodes reach this one. */
  String address() {
    return hostAndPort(cluster.selfAddress());
  }

  static String hostAndPort(Address address) {
    return address.host().get() + ":" + address.port().get();
  }

  /** The {@code host:port} of all members that this node knows. */
  List<String> memberAddresses() {
    var addresses = new ArrayList<String>();
    for (Member member : cluster.state().getMembers()) {
      addresses.add(hostAndPort(member.address()));
    }
    return addresses;
  }

  /**
   * The {@code host:port} of all members that this node knows, itself among them; empty unless it
   * is up.
   */
  Set<String> addressesIfUp() {
    var addresses = new HashSet<String>();
    var isUp = false;
    for (Member member : cluster.state().getMembers()) {
      addresses.add(hostAndPort(member.address()));
      isUp |=
          member.uniqueAddress().equals(cluster.selfUniqueAddress())
              && member.status().equals(MemberStatus.up());
    }
    return isUp ? addresses : Set.of();
  }

  /** The {@code host:port} of all other members that are in service, reachable or not. */
  List<String> othersInService() {
    var addresses = new ArrayList<String>();
    for (Member member : cluster.state().getMembers()) {
      if (IN_SERVICE.contains(member.status())
          && !member.uniqueAddress().equals(cluster.selfUniqueAddress())) {
        addresses.add(hostAndPort(member.address()));
      }
    }
    return addresses;
  }

  /**
   * Removes a member from the cluster; if its process is alive, it ends. Pekko removes a member
   * only when it is both down and unreachable. Heartbeats show after some seconds that it is
   * unreachable; a quarantined member counts as unreachable at once, so this quarantines the
   * member.
   *
   * @param member {@code host:port}
   */
  void down(String member) {
    for (Member known : cluster.state().getMembers()) {
      if (hostAndPort(known.address()).equals(member)) {
        var taken = new UniqueAddress(known.address(), known.uniqueAddress().longUid());
        Adapter.toClassic(system).getEventStream().publish(new QuarantinedEvent(taken));
        cluster.down(known.address());
      }
    }
  }

  /** Stops this node, which the other nodes have removed. */
  void stopAsRemoved() {
    cluster.down(cluster.selfAddress());
  }

  /**
   * Whether a member's process has certainly ended: no process listens at its remoting address any
   * more. Blocks.
   *
   * @param member {@code host:port}
   */
  boolean hasEnded(String member) {
    var address = parsed(member);
    return system.settings().config().getString("pekko.remote.artery.transport").contains("tcp")
        && RemotingProbe.isRefused(address.host().get(), (Integer) address.port().get());
  }

  /** Forms a cluster. */
  void form() {
    cluster.join(cluster.selfAddress());
  }

  /**
   * Joins a cluster; repeats it until it succeeds.
   *
   * @param members {@code host:port} of members of it
   */
  void join(List<String> members) {
    cluster.joinSeedNodes(members.stream().map(this::parsed).toList());
  }

  private Address parsed(String hostAndPort) {
    return AddressFromURIString.parse(
        cluster.selfAddress().protocol() + "://" + SYSTEM + "@" + hostAndPort);
  }

  /** Completes when this node is a member whom all others know. */
  CompletionStage<Void> up() {
    var up = new CompletableFuture<Void>();
    cluster.registerOnMemberUp(() -> up.complete(null));
    return up;
  }

  /** Why the node is no member that all others know; empty when it is one. */
  public Optional<String> notReadyReason() {
    var status = cluster.selfMember().status();
    return status.equals(MemberStatus.up())
        ? Optional.empty()
        : Optional.of("the node is " + status.toString().toLowerCase(Locale.ROOT));
  }

  /**
   * Starts the waker, of which the whole cluster has one: it lives on the oldest node that runs
   * executions.
   */
  public void wake(Behavior<Waker.Message> waker) {
    ClusterSingleton.get(system)
        .init(
            SingletonActor.of(waker, "waker")
                .withSettings(
                    ClusterSingletonSettings.create(system).withRole(Role.ENGINE.text())));
  }

  /**
   * Begins to leave the cluster: hands the executions over to the other nodes. Returns at once;
   * {@link #close} waits for the end.
   */
  public void leave() {
    system.terminate();
  }

  /** Completes when the system has stopped, with the reason, as a sentence. */
  public CompletionStage<String> stopped() {
    return system
        .getWhenTerminated()
        .thenApply(_ ->
            CoordinatedShutdown.get(system)
                .getShutdownReason()
                .filter(CoordinatedShutdown.clusterDowningReason()::equals)
                .map(_ ->
                    "the other nodes could not reach this one and have removed it from the cluster;"
                        + " start it again")
                .orElse("the actor system has stopped; the log says why"));
  }

  /** Leaves the cluster in order, stops all actors and waits for their end. */
  @Override
  public void close() throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(TERMINATE_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
