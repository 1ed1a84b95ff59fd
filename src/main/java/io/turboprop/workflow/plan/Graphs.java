package io.turboprop.workflow.plan;

/** Finds the graph that a node opens. */
public final class Graphs {
  private Graphs() {}

  /**
   * The graph inside a node.
   *
   * @throws IllegalStateException when a node of this kind can't open such a graph
   */
  public static Graph inside(PlanNode node, Subgraph contents, Plans plans) {
    return switch (contents) {
      case Subgraph.SubWorkflow _ when node.kind() instanceof NodeKind.SubWorkflow(_, var graph) ->
          graph;
      case Subgraph.BranchArm _ when node.kind() instanceof NodeKind.Branch branch -> branch.arms();
      case Subgraph.ArrayElements(var size) when node.kind() instanceof NodeKind.Array array ->
          new ElementGraph(array, size);
      case Subgraph.Dynamic(var digest) when node.kind() instanceof NodeKind.Task ->
          plans.plan(digest).root();
      case Subgraph.SubWorkflow _,
          Subgraph.BranchArm _,
          Subgraph.ArrayElements _,
          Subgraph.Dynamic _ ->
          throw new IllegalStateException("no " + contents + " inside " + node.id());
    };
  }
}
