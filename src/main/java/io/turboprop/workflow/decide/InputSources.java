package io.turboprop.workflow.decide;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeTree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where the inputs of a node come from, in a state. */
public final class InputSources {
  private InputSources() {}

  /** The outputs of every node that the bindings of this one refer to, by node id. */
  public static Map<String, Values> sources(NodeTree tree, NodePath path, PlanNode node) {
    var graph = tree.graphOf(tree.scope(path)).orElseThrow();
    var sources = new LinkedHashMap<String, Values>();
    for (var source : node.sources()) {
      if (graph.graph().find(source).isPresent()) {
        sources.put(source, graph.outputs(source));
      }
    }
    return sources;
  }

  /** For a failure node, why its graph has failed. */
  public static Optional<ExecutionError> graphError(NodeTree tree, NodePath path) {
    var graph = tree.graphOf(path).orElseThrow();
    return graph.graph().isFailureNode(path.nodeId())
            && graph.stop().orElse(null) instanceof Stop.Failed(var error)
        ? Optional.of(error)
        : Optional.empty();
  }
}
