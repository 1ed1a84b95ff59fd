package io.turboprop.workflow.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A compiled directed acyclic graph. Its nodes are in the order of the compiled workflow and
 * include {@code start-node} and {@code end-node}, except in the graph of a branch's arms. Edges
 * are ascending arrays of node numbers.
 */
public final class PlannedGraph implements Graph {
  private final List<PlanNode> nodes;
  private final FailurePolicy failurePolicy;
  private final Optional<Integer> failureNode;
  private final Map<String, Integer> numbers;
  private final int[][] downstream;
  private final int[] upstreamCounts;
  private final List<List<Integer>> branchesWaitingFor;
  private final long sizeWithSubWorkflows;

  private PlannedGraph(
      List<PlanNode> nodes,
      FailurePolicy failurePolicy,
      Optional<Integer> failureNode,
      Map<String, Integer> numbers,
      int[][] downstream,
      int[] upstreamCounts) {
    this.nodes = nodes;
    this.failurePolicy = failurePolicy;
    this.failureNode = failureNode;
    this.numbers = numbers;
    this.downstream = downstream;
    this.upstreamCounts = upstreamCounts;
    this.branchesWaitingFor = branches(nodes, numbers);
    this.sizeWithSubWorkflows = sizeWithSubWorkflows(nodes, failureNode);
  }

  /**
   * Builds a graph.
   *
   * @param edges for each node id the ids of the nodes that wait for it
   * @param failureNode runs after the graph has failed; not in {@code nodes}
   * @throws IllegalArgumentException when an id occurs twice or an edge names an unknown node
   */
  public static PlannedGraph of(
      List<PlanNode> nodes,
      Map<String, List<String>> edges,
      FailurePolicy failurePolicy,
      Optional<PlanNode> failureNode) {
    var all = new ArrayList<>(nodes);
    failureNode.ifPresent(all::add);
    var numbers = new HashMap<String, Integer>();
    for (var node : all) {
      if (numbers.put(node.id(), numbers.size()) != null) {
        throw new IllegalArgumentException("two nodes have the id " + node.id());
      }
    }
    var downstream = new int[all.size()][];
    var upstreamCounts = new int[all.size()];
    for (var node : all) {
      var targets =
          edges.getOrDefault(node.id(), List.of()).stream()
              .mapToInt(id -> numberOf(numbers, id))
              .distinct()
              .sorted()
              .toArray();
      downstream[numberOf(numbers, node.id())] = targets;
      Arrays.stream(targets).forEach(target -> upstreamCounts[target]++);
    }
    failureNode.ifPresent(node -> upstreamCounts[numberOf(numbers, node.id())] = 1);
    return new PlannedGraph(
        List.copyOf(all),
        failurePolicy,
        failureNode.map(node -> numberOf(numbers, node.id())),
        numbers,
        downstream,
        upstreamCounts);
  }

  private static int numberOf(Map<String, Integer> numbers, String id) {
    var number = numbers.get(id);
    if (number == null) {
      throw new IllegalArgumentException(
          "an edge leads to '" + id + "', which is no node of the graph");
    }
    return number;
  }

  /** For each node the branch nodes that have an arm, at any depth, that reads its outputs. */
  private static List<List<Integer>> branches(List<PlanNode> nodes, Map<String, Integer> numbers) {
    var branches = new ArrayList<List<Integer>>();
    nodes.forEach(_ -> branches.add(List.of()));
    for (int branch = 0; branch < nodes.size(); branch++) {
      for (var source : readByArms(nodes.get(branch))) {
        var number = numbers.get(source);
        if (number != null) {
          var waiting = new ArrayList<>(branches.get(number));
          waiting.add(branch);
          branches.set(number, List.copyOf(waiting));
        }
      }
    }
    return List.copyOf(branches);
  }

  private static Set<String> readByArms(PlanNode node) {
    var sources = new LinkedHashSet<String>();
    if (node.kind() instanceof NodeKind.Branch branch) {
      for (int number = 0; number < branch.arms().size(); number++) {
        var arm = branch.arms().node(number);
        sources.addAll(arm.sources());
        sources.addAll(readByArms(arm));
      }
    }
    return sources;
  }

  private static long sizeWithSubWorkflows(List<PlanNode> nodes, Optional<Integer> failureNode) {
    // in double, since sub-workflows that double at each of a hundred levels exceed every long
    var sum = (double) nodes.size();
    for (int number = 0; number < nodes.size(); number++) {
      if (nodes.get(number).kind() instanceof NodeKind.SubWorkflow inner
          && !failureNode.equals(Optional.of(number))) {
        sum += inner.graph().sizeWithSubWorkflows();
      }
    }
    return (long) sum;
  }

  @Override
  public PlanNode node(int number) {
    return nodes.get(number);
  }

  @Override
  public FailurePolicy failurePolicy() {
    return failurePolicy;
  }

  @Override
  public Optional<Integer> failureNode() {
    return failureNode;
  }

  @Override
  public List<Integer> branchesWaitingFor(int number) {
    return branchesWaitingFor.get(number);
  }

  @Override
  public Optional<Integer> find(String id) {
    return Optional.ofNullable(numbers.get(id));
  }

  @Override
  public int upstreamCount(int number) {
    return upstreamCounts[number];
  }

  @Override
  public int downstreamCount(int number) {
    return downstream[number].length;
  }

  @Override
  public int downstream(int number, int index) {
    return downstream[number][index];
  }

  @Override
  public int size() {
    return nodes.size();
  }

  @Override
  public long sizeWithSubWorkflows() {
    return sizeWithSubWorkflows;
  }
}
