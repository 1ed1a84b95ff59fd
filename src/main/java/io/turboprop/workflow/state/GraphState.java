package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.NodePhase;
import io.vavr.collection.Vector;
import java.util.Optional;

/**
 * The state of one graph of the tree. Immutable. The nodes are a persistent vector: a changed state
 * shares all other nodes with the state before, so that a step costs the same in a graph of ten
 * nodes and of a hundred thousand.
 *
 * @param contents the kind of graph that its node has opened
 * @param inputs the values with which it was opened
 * @param nodes by number
 * @param begun how many elements of an array have been started, from the first on; 0 in other
 *     graphs
 * @param unfinished how many nodes have not ended; the failure node does not count
 * @param failed how many nodes have failed
 * @param open how many nodes, in this graph and below, have begun and not ended
 * @param failure the error of the node that failed last; the failure node's does not count
 * @param stop the reason why no node but the failure node is started any more
 */
public record GraphState(
    Graph graph,
    Subgraph contents,
    Values inputs,
    Vector<NodeState> nodes,
    int begun,
    int unfinished,
    int failed,
    int open,
    Optional<ExecutionError> failure,
    Optional<Stop> stop) {

  /** The reason why a graph is stopped before its end. */
  public sealed interface Stop {
    /** One of its nodes has failed. */
    record Failed(ExecutionError error) implements Stop {}

    /** A client has aborted the execution. */
    record Aborted(String cause) implements Stop {}

    /** The node around the graph has run out of time. */
    record Expired(WorkflowEvent.Expiry expiry, ExecutionError error) implements Stop {}
  }

  /**
   * The state of a graph that was just opened: the start node has the inputs as its outputs, all
   * other nodes are pending.
   */
  public static GraphState opened(Graph graph, Subgraph contents, Values inputs) {
    var untouched =
        new GraphState(
            graph,
            contents,
            inputs,
            Vector.fill(graph.size(), NodeState.Pending.INSTANCE),
            0,
            graph.size() - (graph.failureNode().isPresent() ? 1 : 0),
            0,
            0,
            Optional.empty(),
            Optional.empty());
    var start = new Ended(NodePhase.SUCCEEDED, 0, inputs, Optional.empty());
    return graph
        .find(PlanNode.START)
        .map(number -> untouched.with(number, start))
        .orElse(untouched);
  }

  public NodeState node(int number) {
    return nodes.get(number);
  }

  public NodeState node(String id) {
    return nodes.get(graph.number(id));
  }

  /** The outputs of a node; no values if it has none. */
  public Values outputs(String id) {
    return node(id) instanceof Ended ended ? ended.outputs() : Values.NONE;
  }

  /** How many nodes this graph has, and the open graphs below it. */
  public int size() {
    int size = graph.size();
    for (var node : nodes) {
      if (node instanceof Active active && active.inner().isPresent()) {
        size += active.inner().orElseThrow().size();
      }
    }
    return size;
  }

  /** The state of the failure node; empty when the graph has none. */
  public Optional<NodeState> failureNode() {
    return graph.failureNode().map(this::node);
  }

  /**
   * Whether no node of a stopped graph is under way and its failure node, if it has one, has ended.
   */
  public boolean isDrained() {
    return open == 0
        && !(stop.orElse(null) instanceof Stop.Failed
            && failureNode().orElse(null) instanceof NodeState.Pending);
  }

  GraphState with(int number, NodeState next) {
    var before = nodes.get(number);
    var counts = graph.failureNode().filter(failureNode -> failureNode == number).isEmpty();
    var ends = counts ? ended(next) - ended(before) : 0;
    var failed = counts && next instanceof Ended ended && ended.phase().failed();
    return new GraphState(
        graph,
        contents,
        inputs,
        nodes.update(number, next),
        graph instanceof ElementGraph ? Math.max(begun, begun(number, next)) : begun,
        unfinished - ends,
        failed ? this.failed + ends : this.failed,
        open + open(next) - open(before),
        failed ? ((Ended) next).error() : failure,
        stop);
  }

  GraphState stopped(Stop reason) {
    return new GraphState(
        graph,
        contents,
        inputs,
        nodes,
        begun,
        unfinished,
        failed,
        open,
        failure,
        Optional.of(reason));
  }

  private static int begun(int number, NodeState next) {
    return next instanceof NodeState.Pending ? 0 : number + 1;
  }

  private static int ended(NodeState node) {
    return node instanceof Ended ? 1 : 0;
  }

  /** Whether a node has begun and not ended. */
  public static boolean isOpen(NodeState node) {
    return open(node) > 0;
  }

  private static int open(NodeState node) {
    return switch (node) {
      case Active active -> 1 + active.inner().map(GraphState::open).orElse(0);
      case NodeState.Paused _, NodeState.Requeued _, NodeState.Expiring _ -> 1;
      case NodeState.Pending _, Ended _ -> 0;
    };
  }
}
