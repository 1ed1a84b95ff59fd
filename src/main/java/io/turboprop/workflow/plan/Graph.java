package io.turboprop.workflow.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Nodes that are walked together, numbered from 0. */
public sealed interface Graph permits PlannedGraph, ElementGraph {

  /** What the failure of one node means for the others (engine §1.4). */
  enum FailurePolicy {
    FAIL_IMMEDIATELY,
    FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
  }

  /**
   * Builds a graph without a failure node.
   *
   * @param edges for each node id the ids of those that wait for it
   * @throws IllegalArgumentException when an id occurs twice or an edge names an unknown node
   */
  static Graph of(
      List<PlanNode> nodes, Map<String, List<String>> edges, FailurePolicy failurePolicy) {
    return PlannedGraph.of(nodes, edges, failurePolicy, Optional.empty());
  }

  PlanNode node(int number);

  FailurePolicy failurePolicy();

  /** The number of the node with this id; empty when there is none. */
  Optional<Integer> find(String id);

  /** How many nodes a node waits for. */
  int upstreamCount(int number);

  /** How many nodes wait for a node. */
  int downstreamCount(int number);

  /** The {@code index}-th of the nodes that wait for a node. */
  int downstream(int number, int index);

  /** How many nodes there are, the failure node among them. */
  int size();

  /**
   * The number of the node that runs after the others have failed (engine §1.5); nothing leads to
   * it.
   */
  default Optional<Integer> failureNode() {
    return Optional.empty();
  }

  /** The numbers of the branches with an arm that waits for this node. */
  default List<Integer> branchesWaitingFor(int number) {
    return List.of();
  }

  /** The node with this id is the one that runs after the others have failed. */
  default boolean isFailureNode(String id) {
    return failureNode().filter(number -> node(number).id().equals(id)).isPresent();
  }

  /**
   * The number of the node with this id.
   *
   * @throws IllegalArgumentException when there is none
   */
  default int number(String id) {
    return find(id).orElseThrow(() -> new IllegalArgumentException("no node is called " + id));
  }
}
