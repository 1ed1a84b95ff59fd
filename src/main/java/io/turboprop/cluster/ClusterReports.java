package io.turboprop.cluster;

import io.turboprop.cluster.ClusterReport.MemberReport;
import io.turboprop.cluster.ShardedWorkflows.Share;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;

/** Asks Pekko, the database and the other nodes how the cluster is. */
public final class ClusterReports {
  private final Cluster cluster;
  private final ShardedWorkflows workflows;
  private final Members members;

  public ClusterReports(ClusterNode node, ShardedWorkflows workflows, Members members) {
    this.cluster = Cluster.get(node.system());
    this.workflows = workflows;
    this.members = members;
  }

  /** The cluster as this node sees it now. Blocks for some seconds at most. */
  public ClusterReport read() {
    var shares = workflows.shares();
    var living = new HashMap<String, Members.Member>();
    members.live().forEach(member -> living.put(member.address(), member));
    var oldest = oldest();
    var reports = new ArrayList<MemberReport>();
    StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
        .sorted(byAge())
        .forEach(member -> reports.add(report(member, oldest, living, shares)));
    return new ClusterReport(
        ClusterNode.hostAndPort(cluster.selfAddress()),
        reports,
        reports.stream().mapToInt(MemberReport::shards).reduce(0, ClusterReports::sum),
        reports.stream()
            .mapToLong(MemberReport::executions)
            .reduce(0, (one, other) -> one < 0 || other < 0 ? -1 : one + other));
  }

  private static int sum(int one, int other) {
    return one < 0 || other < 0 ? -1 : one + other;
  }

  private static Comparator<Member> byAge() {
    return (one, other) -> one.isOlderThan(other) ? -1 : other.isOlderThan(one) ? 1 : 0;
  }

  /** The address of the oldest node that runs executions; the empty text while there is none. */
  private String oldest() {
    return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
        .filter(member -> member.hasRole(Role.ENGINE.text()))
        .min(byAge())
        .map(member -> ClusterNode.hostAndPort(member.address()))
        .orElse("");
  }

  private MemberReport report(
      Member member,
      String oldest,
      Map<String, Members.Member> living,
      Map<Address, Share> shares) {
    var address = ClusterNode.hostAndPort(member.address());
    var known = living.get(address);
    var share =
        member.hasRole(Role.ENGINE.text())
            ? shares.getOrDefault(member.address(), Share.UNKNOWN)
            : Share.NONE;
    return new MemberReport(
        address,
        known == null ? "" : known.api().toString(),
        member.getRoles().stream()
            .filter(role -> !role.startsWith("dc-"))
            .collect(Collectors.toUnmodifiableSet()),
        member.appVersion().toString(),
        member.status().toString().toLowerCase(Locale.ROOT),
        !cluster.state().getUnreachable().contains(member),
        address.equals(oldest),
        known != null,
        share.shards(),
        share.executions());
  }
}
