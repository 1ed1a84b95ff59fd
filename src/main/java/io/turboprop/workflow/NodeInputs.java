package io.turboprop.workflow;

import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the inputs of a node come from, in a state. */
final class NodeInputs {
  private NodeInputs() {}

  /** The outputs of every node that the bindings of this one refer to, by node id. */
  static Map<String, Values> sources(NodeTree tree, NodePath path, PlanNode node) {
    var graph = tree.graphOf(path).orElseThrow();
    var sources = new LinkedHashMap<String, Values>();
    for (var binding : node.bindings()) {
      for (var source : binding.sources()) {
        if (graph.graph().find(source).isPresent()) {
          sources.put(source, graph.outputs(source));
        }
      }
    }
    return sources;
  }
}
