package io.turboprop.workflow.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A graph of nodes, numbered from 0. */
public sealed interface Graph permits PlannedGraph, ElementGraph {

  /**
   * The effect of a node's failure on the other nodes ({@code WorkflowMetadata.OnFailurePolicy}).
   */
  enum FailurePolicy {
    FAIL_IMMEDIATELY,
    FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
  }

  /**
   * Builds a graph without a failure node.
   *
   * @param edges for each node id the ids of the nodes that wait for it
   * @throws IllegalArgumentException when an id occurs twice or an edge names an unknown node
   */
  static Graph of(
      List<PlanNode> nodes, Map<String, List<String>> edges, FailurePolicy failurePolicy) {
    return PlannedGraph.of(nodes, edges, failurePolicy, Optional.empty());
  }

  PlanNode node(int number);

  FailurePolicy failurePolicy();

  /** The number of the node with this id; empty if no node has it. */
  Optional<Integer> find(String id);

  /** How many nodes a node waits for. */
  int upstreamCount(int number);

  /** How many nodes wait for a node. */
  int downstreamCount(int number);

  /** The {@code index}-th of the nodes that wait for a node. */
  int downstream(int number, int index);

  /** How many nodes the graph has, including the failure node. */
  int size();

  /**
   * How many nodes an execution opens at least if the graph succeeds: its own, and those of all
   * sub-workflows in it. Arms of branches and graphs that are made at run time do not count.
   */
  long sizeWithSubWorkflows();

  /**
   * The number of the failure node, which runs after the graph has failed ({@code
   * WorkflowTemplate.failure_node}). No edge leads to it.
   */
  default Optional<Integer> failureNode() {
    return Optional.empty();
  }

  /** The numbers of the branch nodes that have an arm that waits for this node. */
  default List<Integer> branchesWaitingFor(int number) {
    return List.of();
  }

  /** Whether the failure node has this id. */
  default boolean isFailureNode(String id) {
    return failureNode().filter(number -> node(number).id().equals(id)).isPresent();
  }

  /**
   * The number of the node with this id.
   *
   * @throws IllegalArgumentException when no node has this id
   */
  default int number(String id) {
    return find(id).orElseThrow(() -> new IllegalArgumentException("the graph has no node " + id));
  }
}
