package io.turboprop.workflow.state;

import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.decide.rule.Timeouts;
import io.turboprop.workflow.plan.Element;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.NodeState.Active;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.Queue;
import io.vavr.collection.TreeSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The state of all graphs of an execution: the root and, inside open nodes, the graphs below.
 * Immutable; every change costs about the depth of the node, never the size of a graph.
 *
 * @param ready nodes that wait for nothing but a place, first come first served; behind the first
 *     there may be some whose graph has been stopped
 * @param running how many nodes take up parallelism
 * @param alarms what becomes due, earliest first
 * @param graphsToComplete nodes whose inner graph has to be ended, for one reason or another
 * @param arraysWithCapacity arrays that have a place for another element
 */
public record NodeTree(
    GraphState root,
    Queue<NodePath> ready,
    int running,
    TreeSet<Alarm> alarms,
    LinkedHashSet<NodePath> graphsToComplete,
    LinkedHashSet<NodePath> arraysWithCapacity) {

  static NodeTree opened(Graph graph, Values inputs) {
    return new NodeTree(
        GraphState.opened(graph, new Subgraph.SubWorkflow(), inputs),
        Queue.empty(),
        0,
        TreeSet.empty(),
        LinkedHashSet.empty(),
        LinkedHashSet.empty());
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

  /**
   * The graph whose nodes the bindings of this one refer to: its own, or for the arm of a branch
   * the one around.
   */
  public NodePath scope(NodePath path) {
    var parent = path.parent();
    return parent.isPresent() && plan(parent.orElseThrow()).kind() instanceof NodeKind.Branch
        ? scope(parent.orElseThrow())
        : path;
  }

  /** Whether a node has left its place to the graph inside. */
  boolean isDisplaced(NodePath path, Active active) {
    var graph =
        graphOf(path).orElseThrow(() -> new IllegalStateException("no graph of " + path)).graph();
    return Parallelism.isDisplaced(graph, graph.node(graph.number(path.nodeId())), active);
  }

  /** Which element of an array a node is; empty when it is none. */
  public Optional<Element> element(NodePath path) {
    var graph = graphOf(path).orElseThrow(() -> new IllegalStateException("no graph of " + path));
    return graph.graph() instanceof ElementGraph elements
        ? Optional.of(new Element(elements.number(path.nodeId()), elements.array(), graph.inputs()))
        : Optional.empty();
  }

  /** Whether a node may not go on: its graph is stopped, or one above. */
  public boolean isStopped(NodePath path) {
    return graphOf(path).map(graph -> isStopped(graph, path.nodeId())).orElse(true)
        || path.parent().map(this::isStopped).orElse(false);
  }

  /** A failure node runs in a graph that has failed. */
  private static boolean isStopped(GraphState graph, String nodeId) {
    return graph
        .stop()
        .filter(stop ->
            !(stop instanceof GraphState.Stop.Failed && graph.graph().isFailureNode(nodeId)))
        .isPresent();
  }

  public NodeTree with(NodePath path, NodeState next) {
    var graph = graphOf(path).orElseThrow(() -> new IllegalStateException("no graph of " + path));
    var number = graph.graph().number(path.nodeId());
    var before = graph.node(number);
    var plan = graph.graph().node(number);
    return new NodeTree(
        put(path, graph.with(number, next)),
        ready,
        running
            + Parallelism.places(graph.graph(), plan, next)
            - Parallelism.places(graph.graph(), plan, before),
        alarms(Timeouts.alarms(path, plan, before), Timeouts.alarms(path, plan, next)),
        graphsToComplete,
        arraysWithCapacity);
  }

  /** One by one: to remove many at once from a tree means to build it anew. */
  private TreeSet<Alarm> alarms(List<Alarm> before, List<Alarm> after) {
    var changed = alarms;
    for (var alarm : before) {
      changed = changed.remove(alarm);
    }
    for (var alarm : after) {
      changed = changed.add(alarm);
    }
    return changed;
  }

  /** Without the first of those that wait for a place. */
  NodeTree withoutHead() {
    return withReady(ready.tail()).withLiveHead();
  }

  /** Those in stopped graphs never have a turn; they leave the queue when they get to its head. */
  private NodeTree withLiveHead() {
    var live = ready;
    while (!live.isEmpty() && isStopped(live.head())) {
      live = live.tail();
    }
    return withReady(live);
  }

  public NodeTree withReady(Queue<NodePath> nodes) {
    return new NodeTree(root, nodes, running, alarms, graphsToComplete, arraysWithCapacity);
  }

  public NodeTree withGraphsToComplete(LinkedHashSet<NodePath> nodes) {
    return new NodeTree(root, ready, running, alarms, nodes, arraysWithCapacity);
  }

  public NodeTree withArraysWithCapacity(LinkedHashSet<NodePath> nodes) {
    return new NodeTree(root, ready, running, alarms, graphsToComplete, nodes);
  }

  /**
   * Stops the graph inside a node: nothing of it waits for a place, a moment or its end any more.
   */
  public NodeTree stopped(NodePath path, GraphState.Stop reason) {
    var active = (Active) node(path);
    var graph = active.inner().orElseThrow();
    var prefix = path.text() + "/";
    Predicate<NodePath> outside = node -> !node.text().startsWith(prefix);
    var quiet =
        new NodeTree(
            root,
            ready,
            running,
            quiet(alarms, path, active.attempt(), graph),
            graphsToComplete.remove(path).filter(outside),
            arraysWithCapacity.remove(path).filter(outside));
    return quiet.with(path, active.with(graph.stopped(reason))).withLiveHead();
  }

  /** Without the alarms of a graph and those below; others are not looked at. */
  private static TreeSet<Alarm> quiet(
      TreeSet<Alarm> alarms, NodePath container, int attempt, GraphState graph) {
    var left = alarms;
    for (int number = 0; graph.open() > 0 && number < graph.graph().size(); number++) {
      var node = graph.node(number);
      if (GraphState.isOpen(node)) {
        var plan = graph.graph().node(number);
        var path = container.child(attempt, plan.id());
        for (var alarm : Timeouts.alarms(path, plan, node)) {
          left = left.remove(alarm);
        }
        if (node instanceof Active active && active.inner().isPresent()) {
          left = quiet(left, path, active.attempt(), active.inner().orElseThrow());
        }
      }
    }
    return left;
  }

  /** Stops everything. */
  public NodeTree stopped(GraphState.Stop reason) {
    return new NodeTree(
        root.stopped(reason),
        Queue.empty(),
        running,
        TreeSet.empty(),
        LinkedHashSet.empty(),
        LinkedHashSet.empty());
  }

  /** The root, with this graph in the place of the one that the node belongs to. */
  private GraphState put(NodePath path, GraphState changed) {
    var parent = path.parent();
    if (parent.isEmpty()) {
      return changed;
    }
    var container = parent.orElseThrow();
    var around = graphOf(container).orElseThrow();
    var number = around.graph().number(container.nodeId());
    var active = (Active) around.node(number);
    return put(container, around.with(number, active.with(changed)));
  }
}
