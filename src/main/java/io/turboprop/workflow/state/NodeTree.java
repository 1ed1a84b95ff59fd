package io.turboprop.workflow.state;

import io.turboprop.data.NodePath;
import io.turboprop.data.NodePath.Container;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Element;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.NodeState.Active;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The state of all graphs of an execution: the root and, inside open nodes, the graphs below.
 * Immutable. The cost of a change depends on the depth of the node, not on the size of a graph.
 *
 * @param nodesOpened how many nodes all graphs together have that were opened so far
 * @param errors how many errors of attempts have been recorded
 */
public record NodeTree(GraphState root, long nodesOpened, int errors) {

  static NodeTree opened(Graph graph, Values inputs) {
    return new NodeTree(
        GraphState.opened(graph, new Subgraph.SubWorkflow(), inputs), graph.size(), 0);
  }

  NodeTree withOpened(Graph graph) {
    return new NodeTree(root, nodesOpened + graph.size(), errors);
  }

  NodeTree withError() {
    return new NodeTree(root, nodesOpened, errors + 1);
  }

  /** The graph that a node belongs to; empty if its parent has no open graph of that attempt. */
  public Optional<GraphState> graphOf(NodePath path) {
    var graph = root;
    for (var container : path.containers()) {
      var inner = inner(graph, container);
      if (inner.isEmpty()) {
        return Optional.empty();
      }
      graph = inner.orElseThrow();
    }
    return Optional.of(graph);
  }

  /**
   * The graph a node belongs to, after all those around it: the execution's own is the first.
   *
   * @throws IllegalStateException when there is no such graph now
   */
  public List<GraphState> graphsAround(NodePath path) {
    var graphs = new ArrayList<GraphState>();
    graphs.add(root);
    for (var container : path.containers()) {
      graphs.add(inner(graphs.getLast(), container).orElseThrow(() -> noGraph(path)));
    }
    return graphs;
  }

  private static Optional<GraphState> inner(GraphState graph, Container container) {
    return graph
        .graph()
        .find(container.nodeId())
        .flatMap(number -> inner(graph.node(number), container.attempt()));
  }

  private static Optional<GraphState> inner(NodeState node, int attempt) {
    return node instanceof Active active && active.attempt() == attempt
        ? active.inner()
        : Optional.empty();
  }

  private static IllegalStateException noGraph(NodePath path) {
    return new IllegalStateException("no graph of " + path);
  }

  /**
   * The state of a node; empty if the tree has no such node now, for example because its parent has
   * begun another attempt.
   */
  public Optional<NodeState> find(NodePath path) {
    return graphOf(path).flatMap(graph -> graph.graph().find(path.nodeId()).map(graph::node));
  }

  /**
   * The state of a node that the tree has.
   *
   * @throws IllegalStateException when the tree has no such node
   */
  public NodeState node(NodePath path) {
    return find(path).orElseThrow(() -> new IllegalStateException("no node " + path));
  }

  /** The plan of a node that the tree has. */
  public PlanNode plan(NodePath path) {
    var graph = graphOf(path).orElseThrow(() -> noGraph(path)).graph();
    return graph.node(graph.number(path.nodeId()));
  }

  /**
   * The scope of a node's bindings: the path of a node of the graph whose nodes they refer to. That
   * is the node's own graph, or for the arm of a branch the graph around the branch.
   */
  public NodePath scope(NodePath path) {
    var scope = path;
    for (var graph : graphsAround(path).reversed()) {
      if (!(graph.contents() instanceof Subgraph.BranchArm)) {
        return scope;
      }
      scope = scope.parent().orElseThrow();
    }
    return scope;
  }

  /** The array element that a node runs; empty if it runs none. */
  public Optional<Element> element(NodePath path) {
    var graph = graphOf(path).orElseThrow(() -> noGraph(path));
    return graph.graph() instanceof ElementGraph elements
        ? Optional.of(new Element(elements.number(path.nodeId()), elements.array(), graph.inputs()))
        : Optional.empty();
  }

  /** Whether a node has to stop: its graph or a graph above it is stopped. */
  public boolean isStopped(NodePath path) {
    var graph = root;
    for (var container : path.containers()) {
      var inner = inner(graph, container);
      if (inner.isEmpty() || isStopped(graph, container.nodeId())) {
        return true;
      }
      graph = inner.orElseThrow();
    }
    return isStopped(graph, path.nodeId());
  }

  /** Whether a graph stops a node. A failure node goes on in a graph that has failed. */
  private static boolean isStopped(GraphState graph, String nodeId) {
    return graph
        .stop()
        .filter(stop ->
            !(stop instanceof GraphState.Stop.Failed && graph.graph().isFailureNode(nodeId)))
        .isPresent();
  }

  NodeTree with(NodePath path, NodeState next) {
    return new NodeTree(with(root, path.containers().iterator(), path, next), nodesOpened, errors);
  }

  /** A graph with a changed node, in itself or below; {@code below} leads to the node's graph. */
  private static GraphState with(
      GraphState graph, Iterator<Container> below, NodePath path, NodeState next) {
    if (!below.hasNext()) {
      return graph.with(graph.graph().number(path.nodeId()), next);
    }
    var container = below.next();
    var inner = inner(graph, container).orElseThrow(() -> noGraph(path));
    var number = graph.graph().number(container.nodeId());
    return graph.with(number, ((Active) graph.node(number)).with(with(inner, below, path, next)));
  }

  /** Stops the graph inside a node. */
  NodeTree stopped(NodePath path, GraphState.Stop reason) {
    var active = (Active) node(path);
    return with(path, active.with(active.inner().orElseThrow().stopped(reason)));
  }

  /** Stops the root graph, and with it all graphs. */
  NodeTree stopped(GraphState.Stop reason) {
    return new NodeTree(root.stopped(reason), nodesOpened, errors);
  }
}
