package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.state.GraphState;
import java.util.Optional;

/**
 * Decides what the failure of a node means for the rest of its graph ({@code
 * WorkflowMetadata.OnFailurePolicy}). Unlike in Flyte, a sub-workflow follows its own policy, not
 * that of the root graph.
 */
public final class FailurePolicies {
  private FailurePolicies() {}

  /** The failure that ends a graph now; empty while it may go on. */
  public static Optional<ExecutionError> fatal(GraphState graph, FailurePolicy policy) {
    if (graph.graph() instanceof ElementGraph elements) {
      return Elements.fatal(elements, graph);
    }
    return switch (policy) {
      case FAIL_IMMEDIATELY -> graph.failure();
      case FAIL_AFTER_EXECUTABLE_NODES_COMPLETE ->
          graph.unfinished() == 0 ? graph.failure() : Optional.empty();
    };
  }
}
