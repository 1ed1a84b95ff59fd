package io.turboprop.workflow.state;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.NodeKind;

/**
 * What journals mean that were written before {@link WorkflowEvent.NodeRetrying} said what becomes
 * of the node's permit: what the version that wrote them did. It stays as it is for ever, whatever
 * becomes of the rule for permits.
 */
final class UnrecordedPermits {
  private UnrecordedPermits() {}

  /** Whether a node with a graph inside had left its permit to that graph. */
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
