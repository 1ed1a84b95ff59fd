package io.turboprop.workflow.decide;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeTree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Finds the values that the inputs of a node are made of. */
public final class InputSources {
  private InputSources() {}

  /** The outputs of the nodes that the bindings of this node refer to, by node id. */
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

  /**
   * The failure of a graph, as its failure node gets it.
   *
   * @param nodeId the id of the node that failed; empty if it is unknown
   */
  public record GraphFailure(ExecutionError error, String nodeId) {}

  /** For a failure node, the failure of its graph; empty for any other node. */
  public static Optional<GraphFailure> graphFailure(NodeTree tree, NodePath path) {
    var graph = tree.graphOf(path).orElseThrow();
    return graph.graph().isFailureNode(path.nodeId())
            && graph.stop().orElse(null) instanceof Stop.Failed(var error)
        ? Optional.of(new GraphFailure(error, failedNode(graph, error)))
        : Optional.empty();
  }

  /** The id of the first node that ended with this error. */
  private static String failedNode(GraphState graph, ExecutionError error) {
    for (int number = 0; number < graph.graph().size(); number++) {
      if (graph.node(number) instanceof NodeState.Ended ended
          && ended.phase().failed()
          && ended.error().filter(error::equals).isPresent()) {
        return graph.graph().node(number).id();
      }
    }
    return "";
  }
}
