package io.turboprop.workflow;

import io.turboprop.data.EntityId;
import java.util.Optional;

/**
 * A compiled workflow: immutable, shared by all executions of it in a JVM.
 *
 * @param digest SHA-256 in hex of the compiled closure; equal closures have equal digests
 * @param workflow what was compiled
 * @param root the graph that an execution walks
 * @param failureNode the node run after the graph has failed, outside of it
 */
public record Plan(String digest, EntityId workflow, Graph root, Optional<PlanNode> failureNode) {

  /**
   * What the engine cannot execute of this plan, e.g. {@code node n1 is a branch node}; empty when
   * it can execute all of it. Executions of such a plan are refused when they are created.
   */
  public Optional<String> unsupported() {
    return failureNode
        .map(node -> "node " + node.id() + " is a failure node")
        .or(() -> unsupported(root));
  }

  private static Optional<String> unsupported(Graph graph) {
    return graph.nodes().stream().map(Plan::unsupported).flatMap(Optional::stream).findFirst();
  }

  private static Optional<String> unsupported(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.Unsupported(var what) ->
          Optional.of("node " + node.id() + " is a " + what + " node");
      case NodeKind.SubWorkflow(_, var graph) -> unsupported(graph);
      case NodeKind.Start _, NodeKind.End _, NodeKind.Task _ -> Optional.empty();
    };
  }
}
