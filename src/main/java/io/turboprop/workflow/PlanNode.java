package io.turboprop.workflow;

import io.turboprop.data.Binding;
import java.util.List;

/**
 * One node of a graph.
 *
 * @param id unique in its graph
 * @param name what the author called it; may be empty
 * @param bindings where its inputs come from; for the end node, the outputs of the workflow
 */
public record PlanNode(
    String id, String name, NodeKind kind, List<Binding> bindings, NodePolicy policy) {
  public static final String START = "start-node";
  public static final String END = "end-node";
}
