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

  /** Whether a node may be started while {@code taken} permits are held. */
  public static boolean allows(ExecutionSettings settings, PlanNode node, int taken) {
    return settings.parallelismMax() == 0
        || !needsPermit(node)
        || taken < settings.parallelismMax();
  }

  /**
   * How many permits a node in this state holds: a node keeps its permit between two attempts, a
   * node with a graph inside leaves it to the nodes of that graph, and elements of an array live on
   * the array's.
   */
  public static int permits(Graph graph, PlanNode node, NodeState state) {
    if (graph instanceof ElementGraph) {
      return 0;
    }
    return switch (state) {
      case NodeState.Active active when releasesPermit(graph, node, active.inner().isPresent()) ->
          0;
      case NodeState.Expiring expiring when releasesPermit(graph, node, expiring.hadSubgraph()) ->
          0;
      case NodeState.Paused paused when paused.permitReleased() -> 0;
      case NodeState.Active _, NodeState.Paused _, NodeState.Expiring _ ->
          needsPermit(node) ? 1 : 0;
      case NodeState.Pending _, NodeState.Requeued _, NodeState.Ended _ -> 0;
    };
  }

  /**
   * Whether a node has left its permit to the graph inside, and needs another before it is tried
   * again.
   *
   * @param hasSubgraph whether the attempt has opened a graph
   */
  public static boolean releasesPermit(Graph graph, PlanNode node, boolean hasSubgraph) {
    return hasSubgraph
        && needsPermit(node)
        && !holdsElements(node)
        && !(graph instanceof ElementGraph);
  }

  /** An array of elements that would each need a permit. */
  private static boolean holdsElements(PlanNode node) {
    return node.kind() instanceof NodeKind.Array array && needsPermit(array.element());
  }

  /** Whether a node of this kind needs a permit; the others do not wait behind those that do. */
  public static boolean needsPermit(PlanNode node) {
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
