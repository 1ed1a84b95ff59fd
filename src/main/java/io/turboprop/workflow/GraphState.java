package io.turboprop.workflow;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.NodeState.Active;
import io.turboprop.workflow.NodeState.Ended;
import io.turboprop.workflow.NodeState.NodePhase;
import io.turboprop.workflow.NodeState.Waiting;
import io.vavr.collection.Vector;
import java.util.Optional;

/**
 * The state of one graph of the tree. Immutable; a changed node shares all the others with the
 * state before (a persistent vector), so that a step costs the same in a graph of ten nodes and of
 * a hundred thousand.
 *
 * @param nodes by number
 * @param unfinished how many have not ended
 * @param open how many attempts, in this graph and below, are under way, paused or being stopped
 * @param failure the last failure of one of the nodes
 * @param stop why no more nodes are started here
 */
public record GraphState(
    Graph graph,
    Vector<NodeState> nodes,
    int unfinished,
    int open,
    Optional<ExecutionError> failure,
    Optional<Stop> stop) {

  /** Why a graph is stopped before its end. */
  public sealed interface Stop {
    /** One of its nodes has failed. */
    record Failed(ExecutionError error) implements Stop {}

    /** A client wants it. */
    record Aborted(String cause) implements Stop {}
  }

  /**
   * A graph of which nothing has happened yet, but that its inputs are the start node's outputs.
   */
  static GraphState opened(Graph graph, Values inputs) {
    Vector<NodeState> nodes =
        Vector.tabulate(graph.size(), number -> new Waiting(graph.upstreamCount(number), false));
    var start = new Ended(NodePhase.SUCCEEDED, 0, inputs, Optional.empty());
    return new GraphState(graph, nodes, graph.size(), 0, Optional.empty(), Optional.empty())
        .with(graph.number(PlanNode.START), start);
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

  GraphState with(int number, NodeState next) {
    var before = nodes.get(number);
    return new GraphState(
        graph,
        nodes.update(number, next),
        unfinished - ended(next) + ended(before),
        open + open(next) - open(before),
        next instanceof Ended ended && failed(ended) ? ended.error() : failure,
        stop);
  }

  GraphState stopped(Stop reason) {
    return new GraphState(graph, nodes, unfinished, open, failure, Optional.of(reason));
  }

  private static boolean failed(Ended ended) {
    return ended.phase() == NodePhase.FAILED || ended.phase() == NodePhase.TIMED_OUT;
  }

  private static int ended(NodeState node) {
    return node instanceof Ended ? 1 : 0;
  }

  private static int open(NodeState node) {
    return switch (node) {
      case Active active -> active.inner().map(GraphState::open).orElse(1);
      case NodeState.Paused _, NodeState.Expiring _ -> 1;
      case Waiting _, NodeState.Ready _, Ended _ -> 0;
    };
  }
}
