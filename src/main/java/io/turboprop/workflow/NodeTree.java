package io.turboprop.workflow;

import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.NodeState.Active;
import io.turboprop.workflow.rule.Parallelism;
import io.turboprop.workflow.rule.Timeouts;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.Queue;
import io.vavr.collection.TreeSet;
import java.util.Optional;

/**
 * The state of all graphs of an execution: the root and, inside open nodes, the graphs below.
 * Immutable; every change costs about the depth of the node, never the size of a graph.
 *
 * @param ready nodes that wait for nothing but a place, first come first served
 * @param running how many nodes take up parallelism
 * @param alarms what becomes due, earliest first
 * @param closing nodes whose inner graph has to be ended, for one reason or another
 */
public record NodeTree(
    GraphState root,
    Queue<NodePath> ready,
    int running,
    TreeSet<Alarm> alarms,
    LinkedHashSet<NodePath> closing) {

  static NodeTree opened(Graph graph, Values inputs) {
    return new NodeTree(
        GraphState.opened(graph, inputs), Queue.empty(), 0, TreeSet.empty(), LinkedHashSet.empty());
  }

  /** The graph a node belongs to; empty when its parent has no open graph of that attempt. */
  public Optional<GraphState> graphOf(NodePath path) {
    var parent = path.parent();
    return parent.isEmpty() ? Optional.of(root) : inner(parent.orElseThrow(), path.parentAttempt());
  }

  /** The graph inside a node, as opened by one attempt. */
  public Optional<GraphState> inner(NodePath path, int attempt) {
    return find(path)
        .flatMap(state ->
            state instanceof Active active && active.attempt() == attempt
                ? active.inner()
                : Optional.empty());
  }

  /** The state of a node; empty when there is no such node now, e.g. of an older attempt. */
  public Optional<NodeState> find(NodePath path) {
    return graphOf(path).flatMap(graph -> graph.graph().find(path.nodeId()).map(graph::node));
  }

  /**
   * The state of a node that is there.
   *
   * @throws IllegalStateException when it is not
   */
  public NodeState node(NodePath path) {
    return find(path).orElseThrow(() -> new IllegalStateException("no node " + path));
  }

  /** The plan of a node that is there. */
  public PlanNode plan(NodePath path) {
    var graph =
        graphOf(path).orElseThrow(() -> new IllegalStateException("no graph of " + path)).graph();
    return graph.node(graph.number(path.nodeId()));
  }

  /** Whether no more nodes are started where this one is, nor anywhere above. */
  public boolean isStopped(NodePath path) {
    return graphOf(path).map(graph -> graph.stop().isPresent()).orElse(true)
        || path.parent().map(this::isStopped).orElse(false);
  }

  NodeTree with(NodePath path, NodeState next) {
    var before = node(path);
    var plan = plan(path);
    return new NodeTree(
        put(root, path, next),
        ready,
        running + Parallelism.places(plan, next) - Parallelism.places(plan, before),
        alarms
            .removeAll(Timeouts.alarms(path, plan, before))
            .addAll(Timeouts.alarms(path, plan, next)),
        closing);
  }

  NodeTree withReady(Queue<NodePath> nodes) {
    return new NodeTree(root, nodes, running, alarms, closing);
  }

  NodeTree withClosing(LinkedHashSet<NodePath> nodes) {
    return new NodeTree(root, ready, running, alarms, nodes);
  }

  /** Stops the graph inside a node: nothing of it waits for a place or a moment any more. */
  NodeTree stopped(NodePath path, GraphState.Stop reason) {
    var active = (Active) node(path);
    var graph = active.inner().orElseThrow().stopped(reason);
    var prefix = path.text() + "/";
    return with(path, active.with(graph)).quiet(node -> node.text().startsWith(prefix));
  }

  /** Stops everything. */
  NodeTree stopped(GraphState.Stop reason) {
    return new NodeTree(root.stopped(reason), ready, running, alarms, closing).quiet(_ -> true);
  }

  private NodeTree quiet(java.util.function.Predicate<NodePath> nodes) {
    return new NodeTree(
        root,
        ready.filter(nodes.negate()),
        running,
        alarms.filter(alarm -> !nodes.test(alarm.node())),
        closing);
  }

  private GraphState put(GraphState root, NodePath path, NodeState next) {
    var parent = path.parent();
    if (parent.isEmpty()) {
      return root.with(root.graph().number(path.nodeId()), next);
    }
    var container = (Active) node(parent.orElseThrow());
    var graph = container.inner().orElseThrow();
    var changed = graph.with(graph.graph().number(path.nodeId()), next);
    return put(root, parent.orElseThrow(), container.with(changed));
  }
}
