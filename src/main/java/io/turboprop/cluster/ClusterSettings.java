package io.turboprop.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.turboprop.setting.Section;
import io.turboprop.store.Sharing;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The section {@code turboprop.cluster}.
 *
 * @param roles the tasks of this node in the cluster
 * @param seeds {@code host:port} of nodes; empty unless nodes are found by seeds
 * @param host the host name or address at which other nodes reach this one
 * @param port the port of remoting; 0 for any free port
 * @param service the name that discovery looks up
 * @param nodesMin how many nodes have to be found before they form a cluster; not for seeds
 * @param management the address at which Pekko Management listens
 */
public record ClusterSettings(
    Set<Role> roles,
    Discovery discovery,
    List<String> seeds,
    String host,
    int port,
    String service,
    int nodesMin,
    Management management) {
  private static final Pattern HOST_AND_PORT = Pattern.compile("\\S+:[1-9]\\d{0,4}");

  /** How nodes find each other. */
  public enum Discovery {
    SEEDS,
    DNS,
    KUBERNETES
  }

  /** Pekko Management: the state of the cluster over HTTP, and the contact point of discovery. */
  public record Management(boolean enabled, String host, int port) {}

  /**
   * Reads the section {@code cluster} of the section {@code turboprop}.
   *
   * @throws ConfigException when a value is malformed; the message names the setting
   */
  public static ClusterSettings from(Config turboprop) {
    var cluster = Section.of(turboprop, "cluster");
    var management = cluster.section("management");
    var discovery = cluster.choice("discovery", Discovery.class);
    var seeds = discovery == Discovery.SEEDS ? seeds(cluster) : List.<String>of();
    var port = cluster.number("port", 0);
    if (port == 0 && (discovery != Discovery.SEEDS || !seeds.isEmpty())) {
      throw cluster.refusal("port", "a node that others join needs a port of its own, as 25520");
    }
    return new ClusterSettings(
        roles(cluster),
        discovery,
        seeds,
        cluster.config().getString("host"),
        port,
        cluster.config().getString("service"),
        cluster.number("nodes-min", 1),
        new Management(
            discovery != Discovery.SEEDS || management.config().getBoolean("enabled"),
            management.config().getString("host"),
            management.number("port", 0)));
  }

  private static Set<Role> roles(Section cluster) {
    var roles = EnumSet.noneOf(Role.class);
    for (var text : cluster.config().getStringList("roles")) {
      try {
        roles.add(Role.of(text));
      } catch (IllegalArgumentException e) {
        throw cluster.refusal("roles", String.valueOf(e.getMessage()));
      }
    }
    if (roles.isEmpty()) {
      throw cluster.refusal("roles", "a node has one of door, engine and executor, or several");
    }
    return Set.copyOf(roles);
  }

  private static List<String> seeds(Section cluster) {
    var seeds = cluster.config().getStringList("seeds");
    for (var seed : seeds) {
      if (!HOST_AND_PORT.matcher(seed).matches()) {
        throw cluster.refusal("seeds", "'%s' is not host:port".formatted(seed));
      }
    }
    return seeds;
  }

  /** Whether the node is its whole cluster, and joins no other. */
  public boolean isStandalone() {
    return discovery == Discovery.SEEDS && seeds.isEmpty();
  }

  public Sharing sharing() {
    return isStandalone() ? Sharing.STANDALONE : Sharing.CLUSTER;
  }

  public boolean has(Role role) {
    return roles.contains(role);
  }

  /**
   * Whether a node is of the cluster that this node would find.
   *
   * @param address {@code host:port} of the node
   * @param theirs the {@link #meetingPoints} of the node
   */
  public boolean isOfThisCluster(String address, Collection<String> theirs) {
    return meetingPoints().contains(address) || !Collections.disjoint(meetingPoints(), theirs);
  }

  /** The places where nodes find each other: two nodes of the same cluster share at least one. */
  Set<String> meetingPoints() {
    return discovery == Discovery.SEEDS
        ? Set.copyOf(seeds)
        : Set.of(discovery.name().toLowerCase(Locale.ROOT) + ":" + service);
  }
}
