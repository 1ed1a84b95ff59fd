package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.NodeState;

/**
 * How many nodes may be under way at once (engine §2.8). Differs from Flyte in that the bound holds
 * for nodes to be started only: one that runs is never left unattended.
 */
public final class Parallelism {
  private Parallelism() {}

  /** Whether a node may be started while {@code running} places are taken. */
  public static boolean allows(ExecutionSettings settings, PlanNode node, int running) {
    return settings.parallelismMax() == 0 || !counts(node) || running < settings.parallelismMax();
  }

  /**
   * How many places a node in this state takes. One keeps its place between two attempts; one with
   * a graph inside leaves it to the nodes of that graph; elements of an array live on the array's.
   */
  public static int places(Graph graph, PlanNode node, NodeState state) {
    if (graph instanceof ElementGraph) {
      return 0;
    }
    return switch (state) {
      case NodeState.Active active when isDisplaced(graph, node, active) -> 0;
      case NodeState.Paused paused when paused.displaced() -> 0;
      case NodeState.Expiring expiring when expiring.displaced() -> 0;
      case NodeState.Active _, NodeState.Paused _, NodeState.Expiring _ -> counts(node) ? 1 : 0;
      case NodeState.Waiting _, NodeState.Ready _, NodeState.Requeued _, NodeState.Ended _ -> 0;
    };
  }

  /**
   * Whether a node has left its place to the graph inside, and has to ask for another before it is
   * tried again.
   */
  public static boolean isDisplaced(Graph graph, PlanNode node, NodeState.Active active) {
    return active.inner().isPresent()
        && counts(node)
        && !holdsElements(node)
        && !(graph instanceof ElementGraph);
  }

  /** An array of elements that would each take a place. */
  private static boolean holdsElements(PlanNode node) {
    return node.kind() instanceof NodeKind.Array array && counts(array.element());
  }

  /** Whether a node of this kind takes a place; the others need not wait behind those that do. */
  public static boolean counts(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.Task _, NodeKind.LaunchPlan _, NodeKind.Array _ -> true;
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.Gate _ ->
          false;
    };
  }
}
