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
 * The state of one graph of the tree. Immutable; a changed node shares all the others with the
 * state before (a persistent vector), so that a step costs the same in a graph of ten nodes and of
 * a hundred thousand.
 *
 * @param contents which graph of its node it is
 * @param inputs what it was opened with
 * @param nodes by number
 * @param begun how many of the first elements of an array have been started; 0 in other graphs
 * @param unfinished how many have not ended; the failure node does not count
 * @param failed how many have failed
 * @param open how many nodes, in this graph and below, have begun and not ended
 * @param failure the last failure of one of the nodes; the failure node's does not count
 * @param stop why no more nodes are started here, but for the failure node
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

  /** Why a graph is stopped before its end. */
  public sealed interface Stop {
    /** One of its nodes has failed. */
    record Failed(ExecutionError error) implements Stop {}

    /** A client wants it. */
    record Aborted(String cause) implements Stop {}

    /** The node around it has no more time. */
    record Expired(WorkflowEvent.Expiry expiry, ExecutionError error) implements Stop {}
  }

  /**
   * A graph of which nothing has happened yet, but that its inputs are the start node's outputs.
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

  /** What a node made, or nothing. */
  public Values outputs(String id) {
    return node(id) instanceof Ended ended ? ended.outputs() : Values.NONE;
  }

  /** How many nodes there are in this graph and in those that are open below. */
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

  /** Whether nothing of a stopped graph is under way, and no failure node of it is still to run. */
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
