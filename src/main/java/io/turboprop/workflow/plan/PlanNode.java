package io.turboprop.workflow.plan;

import io.turboprop.data.Binding;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One node of a graph.
 *
 * @param id unique in its graph
 * @param name the author's name for it; may be empty
 * @param bindings the bindings of its inputs; for the end node, those of the workflow's outputs
 */
public record PlanNode(
    String id, String name, NodeKind kind, List<Binding> bindings, NodePolicy policy) {
  public static final String START = "start-node";
  public static final String END = "end-node";

  /** The ids of the nodes whose outputs its bindings refer to. */
  public Set<String> sources() {
    var sources = new LinkedHashSet<String>();
    bindings.forEach(binding -> sources.addAll(binding.sources()));
    return sources;
  }
}
