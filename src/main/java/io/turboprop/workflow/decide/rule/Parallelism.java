package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.NodeState;

/**
 * Bounds how many nodes may be under way at once ({@code ExecutionSpec.max_parallelism}). In
 * FlytePropeller, the bound can also delay a running node; here it only delays the start of nodes.
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
   * How many permits a node in this state holds. A node keeps its permit between two attempts. A
   * node with a graph inside passes its permit to the nodes of that graph. Elements of an array use
   * the permits of the array.
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
   * Whether a node has passed its permit to the graph inside, and needs another before it is
   * retried.
   *
   * @param hasSubgraph whether the attempt has opened a graph
   */
  public static boolean releasesPermit(Graph graph, PlanNode node, boolean hasSubgraph) {
    return hasSubgraph
        && needsPermit(node)
        && !holdsElements(node)
        && !(graph instanceof ElementGraph);
  }

  /** Whether a node is an array whose elements each need a permit. */
  private static boolean holdsElements(PlanNode node) {
    return node.kind() instanceof NodeKind.Array array && needsPermit(array.element());
  }

  /** Whether a node of this kind needs a permit; other nodes start without waiting in the queue. */
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
