package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.Graph;
import java.util.Optional;

/**
 * Bounds the number of nodes in all graphs that one execution opens, start and end nodes included.
 * Without it, sub-workflows that double at every level would occupy the engine for hours. Flyte has
 * no such limit.
 */
public final class NodeBudget {
  /**
   * The most nodes of one execution: more than twice the largest array or dynamic graph that the
   * engine accepts.
   */
  public static final long NODES_MAX = 250_000;

  private NodeBudget() {}

  /**
   * The error of a node whose graph exceeds the budget; empty if it fits.
   *
   * @param nodesOpened how many nodes the graphs opened before have
   */
  public static Optional<ExecutionError> exceeded(long nodesOpened, Graph graph) {
    return nodesOpened + graph.size() <= NODES_MAX
        ? Optional.empty()
        : Optional.of(
            ExecutionError.user(
                "TooManyNodes",
                "the graph of this node has %,d nodes and the execution has %,d already; together the graphs of one execution may have %,d: split the workflow with launch plan nodes, which are executions of their own"
                    .formatted(graph.size(), nodesOpened, NODES_MAX)));
  }
}
