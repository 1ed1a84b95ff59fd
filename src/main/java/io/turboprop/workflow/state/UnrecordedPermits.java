package io.turboprop.workflow.state;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.NodeKind;

/**
 * The old rule for permits, for journals in which {@link WorkflowEvent.NodeRetrying} does not
 * record the node's permit. It repeats the decision of the version that wrote them and must never
 * change, even if the rule for permits does.
 */
final class UnrecordedPermits {
  private UnrecordedPermits() {}

  /** Whether a node with a graph inside had passed its permit to that graph. */
  static boolean wasReleased(NodeTree tree, NodePath path) {
    return tree.graphOf(path).filter(graph -> graph.graph() instanceof ElementGraph).isEmpty()
        && neededPermit(tree.plan(path).kind())
        && !(tree.plan(path).kind() instanceof NodeKind.Array array
            && neededPermit(array.element().kind()));
  }

  private static boolean neededPermit(NodeKind kind) {
    return switch (kind) {
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
