package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.Graph;
import java.util.Optional;

/**
 * Bounds the number of nodes in all graphs that one execution opens, start and end nodes included.
 * Without it, sub-workflows that double at every level would occupy the engine for hours. The node
 * that opens the outermost of them fails, before they take memory. Flyte has no such limit.
 */
public final class NodeBudget {
  private NodeBudget() {}

  /**
   * The error of a node whose graph exceeds the budget; empty if it fits.
   *
   * @param nodesOpened how many nodes the graphs opened before have
   * @param nodesMax the most nodes of one execution
   */
  public static Optional<ExecutionError> exceeded(long nodesOpened, Graph graph, int nodesMax) {
    return graph.sizeWithSubWorkflows() <= nodesMax - nodesOpened
        ? Optional.empty()
        : Optional.of(
            ExecutionError.user(
                "TooManyNodes",
                "the graph of this node has %,d nodes, with those of its sub-workflows, and the execution has %,d already; together the graphs of one execution may have %,d: split the workflow with launch plan nodes, which are executions of their own, or raise turboprop.workflow.nodes-max"
                    .formatted(graph.sizeWithSubWorkflows(), nodesOpened, nodesMax)));
  }
}
