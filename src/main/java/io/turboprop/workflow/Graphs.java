package io.turboprop.workflow;

/** Which graph a node opens. */
public final class Graphs {
  private Graphs() {}

  /**
   * The graph with these contents inside a node.
   *
   * @throws IllegalStateException when a node of this kind has no such contents
   */
  public static Graph inside(PlanNode node, Contents contents, Plans plans) {
    return switch (contents) {
      case Contents.Planned _ when node.kind() instanceof NodeKind.SubWorkflow(_, var graph) ->
          graph;
      case Contents.Taken _ when node.kind() instanceof NodeKind.Branch branch -> branch.arms();
      case Contents.Elements(var size) when node.kind() instanceof NodeKind.Array array ->
          new ElementGraph(array, size);
      case Contents.Expanded(var digest) when node.kind() instanceof NodeKind.Task ->
          plans.plan(digest).root();
      case Contents.Planned _, Contents.Taken _, Contents.Elements _, Contents.Expanded _ ->
          throw new IllegalStateException("no " + contents + " inside " + node.id());
    };
  }
}
