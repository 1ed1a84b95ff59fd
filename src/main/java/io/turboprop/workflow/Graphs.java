package io.turboprop.workflow;

/** Which nodes hold a graph. */
final class Graphs {
  private Graphs() {}

  /** Whether a node of this kind opens a graph of its own. */
  static boolean holds(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.SubWorkflow _ -> true;
      case NodeKind.Start _, NodeKind.End _, NodeKind.Task _, NodeKind.Unsupported _ -> false;
    };
  }

  /**
   * The graph that a node opens.
   *
   * @throws IllegalStateException when it opens none
   */
  static Graph inside(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.SubWorkflow subWorkflow -> subWorkflow.graph();
      case NodeKind.Start _, NodeKind.End _, NodeKind.Task _, NodeKind.Unsupported _ ->
          throw new IllegalStateException("no graph inside " + node.id());
    };
  }
}
