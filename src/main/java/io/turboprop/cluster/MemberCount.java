package io.turboprop.cluster;

import io.turboprop.metric.Meters;
import org.apache.pekko.cluster.typed.Cluster;

/** Gauges of the cluster as this node sees it. */
public final class MemberCount {
  private MemberCount() {}

  public static void show(ClusterNode node, Meters meters) {
    var cluster = Cluster.get(node.system());
    meters.gauge(
        "turboprop.cluster.members",
        "members of the cluster that this node knows, itself included",
        () -> cluster.state().members().size());
    meters.gauge(
        "turboprop.cluster.members.unreachable",
        "members that this node, or another one, can't reach",
        () -> cluster.state().unreachable().size());
  }
}
