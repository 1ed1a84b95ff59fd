package io.turboprop.workflow;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directed acyclic graph of nodes, numbered from 0 in the order of the compiled workflow; {@code
 * start-node} and {@code end-node} are among them. Edges are arrays of node numbers, ascending.
 */
public final class Graph {
  private final List<PlanNode> nodes;
  private final FailurePolicy failurePolicy;
  private final Map<String, Integer> numbers;
  private final int[][] downstream;
  private final int[] upstreamCounts;

  private Graph(
      List<PlanNode> nodes,
      FailurePolicy failurePolicy,
      Map<String, Integer> numbers,
      int[][] downstream,
      int[] upstreamCounts) {
    this.nodes = nodes;
    this.failurePolicy = failurePolicy;
    this.numbers = numbers;
    this.downstream = downstream;
    this.upstreamCounts = upstreamCounts;
  }

  /** What the failure of one node means for the others (engine §1.4). */
  public enum FailurePolicy {
    FAIL_IMMEDIATELY,
    FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
  }

  /**
   * Builds a graph.
   *
   * @param edges for each node id the ids of those that wait for it
   * @throws IllegalArgumentException when an id occurs twice or an edge names an unknown node
   */
  public static Graph of(
      List<PlanNode> nodes, Map<String, List<String>> edges, FailurePolicy failurePolicy) {
    var numbers = new HashMap<String, Integer>();
    for (var node : nodes) {
      if (numbers.put(node.id(), numbers.size()) != null) {
        throw new IllegalArgumentException("two nodes are called " + node.id());
      }
    }
    var downstream = new int[nodes.size()][];
    var upstreamCounts = new int[nodes.size()];
    for (var node : nodes) {
      var targets =
          edges.getOrDefault(node.id(), List.of()).stream()
              .mapToInt(id -> numberOf(numbers, id))
              .distinct()
              .sorted()
              .toArray();
      downstream[numberOf(numbers, node.id())] = targets;
      Arrays.stream(targets).forEach(target -> upstreamCounts[target]++);
    }
    return new Graph(List.copyOf(nodes), failurePolicy, numbers, downstream, upstreamCounts);
  }

  private static int numberOf(Map<String, Integer> numbers, String id) {
    var number = numbers.get(id);
    if (number == null) {
      throw new IllegalArgumentException("an edge leads to '" + id + "', which is no node");
    }
    return number;
  }

  public List<PlanNode> nodes() {
    return nodes;
  }

  public PlanNode node(int number) {
    return nodes.get(number);
  }

  public FailurePolicy failurePolicy() {
    return failurePolicy;
  }

  /** The number of the node with this id; empty when there is none. */
  public Optional<Integer> find(String id) {
    return Optional.ofNullable(numbers.get(id));
  }

  /**
   * The number of the node with this id.
   *
   * @throws IllegalArgumentException when there is none
   */
  public int number(String id) {
    return numberOf(numbers, id);
  }

  /** How many nodes a node waits for. */
  public int upstreamCount(int number) {
    return upstreamCounts[number];
  }

  /** How many nodes wait for a node. */
  public int downstreamCount(int number) {
    return downstream[number].length;
  }

  /** The {@code index}-th of the nodes that wait for a node. */
  public int downstream(int number, int index) {
    return downstream[number][index];
  }

  public int size() {
    return nodes.size();
  }
}
