package io.turboprop.event;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.ElementGraph;
import io.turboprop.workflow.Graph;
import io.turboprop.workflow.NodeKind;
import io.turboprop.workflow.Plan;
import io.turboprop.workflow.PlanNode;
import java.util.Optional;

/** Finds nodes and graphs in a plan by their path. */
public final class PlanNodes {
  private PlanNodes() {}

  /** The node at this path; empty when the plan has none there. */
  public static Optional<PlanNode> find(Plan plan, NodePath path) {
    return graph(plan, path).flatMap(graph -> graph.find(path.nodeId()).map(graph::node));
  }

  /** The graph that the node at this path belongs to. */
  public static Optional<Graph> graph(Plan plan, NodePath path) {
    return path.parent().isEmpty()
        ? Optional.of(plan.root())
        : find(plan, path.parent().orElseThrow()).flatMap(PlanNodes::inside);
  }

  private static Optional<Graph> inside(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.SubWorkflow subWorkflow -> Optional.of(subWorkflow.graph());
      case NodeKind.Branch branch -> Optional.of(branch.arms());
      case NodeKind.Array array -> Optional.of(new ElementGraph(array, Integer.MAX_VALUE));
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.Task _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _ ->
          Optional.empty();
    };
  }
}
