package io.turboprop.cluster;

import java.util.List;
import java.util.Set;

/**
 * The cluster as one of its nodes sees it now.
 *
 * @param self the address of the node that sees it
 * @param members the oldest first
 * @param shards how many shards have begun, over all nodes; -1 if the nodes did not answer in time
 * @param executions how many executions are in memory, over all nodes; -1 as above
 */
public record ClusterReport(String self, List<MemberReport> members, int shards, long executions) {

  /**
   * A member of the cluster.
   *
   * @param address host:port of remoting
   * @param api the address of its API; empty if the database does not know the node as living
   * @param status Pekko's name of the status: joining, up, leaving, exiting, down
   * @param reachable whether all members reach it
   * @param oldest whether it is the oldest of the nodes that run executions, which has the
   *     coordinator of the shards and the waker
   * @param living whether the database sees its session
   * @param shards how many shards it has; -1 if it did not answer in time
   * @param executions how many executions it has in memory; -1 as above
   */
  public record MemberReport(
      String address,
      String api,
      Set<String> roles,
      String version,
      String status,
      boolean reachable,
      boolean oldest,
      boolean living,
      int shards,
      long executions) {}
}
