package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Alarm;
import io.turboprop.workflow.decide.rule.Elements;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.decide.rule.Readiness;
import io.turboprop.workflow.decide.rule.Timeouts;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.Pending;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.vavr.collection.HashMap;
import io.vavr.collection.Queue;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Builds the indexes of a state from all open graphs, inner graphs before outer ones. */
final class IndexBuilder {
  private final Running state;
  private final NodeTree tree;
  private final java.util.HashMap<Optional<NodePath>, Vector<Readiness>> readiness =
      new java.util.HashMap<>();
  private final Deque<NodePath> ready = new ArrayDeque<>();
  private final List<Alarm> alarms = new ArrayList<>();
  private final List<NodePath> graphsToComplete = new ArrayList<>();
  private final List<NodePath> arraysWithCapacity = new ArrayList<>();
  private int permits;

  private IndexBuilder(Running state) {
    this.state = state;
    this.tree = state.tree();
  }

  static Indexes build(Running state) {
    var builder = new IndexBuilder(state);
    builder.graph(state.tree().root(), Optional.empty(), 0);
    return new Indexes(
        HashMap.ofAll(builder.readiness),
        Queue.ofAll(builder.ready),
        builder.permits,
        TreeSet.ofAll(builder.alarms),
        TreeSet.ofAll(builder.graphsToComplete),
        TreeSet.ofAll(builder.arraysWithCapacity));
  }

  /** The readiness of the nodes of a graph that was just opened. */
  static Vector<Readiness> untouched(Graph graph) {
    return Vector.tabulate(
        graph.size(), number -> Readiness.waitingFor(graph.upstreamCount(number)));
  }

  private void graph(GraphState graph, Optional<NodePath> container, int attempt) {
    if (graph.graph() instanceof ElementGraph) {
      elements(graph, container.orElseThrow());
    } else {
      var waits = readiness(graph, container);
      readiness.put(container, Vector.of(waits));
      for (int number = 0; number < waits.length; number++) {
        if (graph.node(number) instanceof Pending && waits[number].isReady()) {
          enqueue(
              path(graph, number, container, attempt), graph.graph().node(number), waits[number]);
        }
      }
    }
    for (int number = 0; number < graph.graph().size(); number++) {
      if (GraphState.isOpen(graph.node(number))) {
        open(graph, number, path(graph, number, container, attempt));
      }
    }
    container
        .filter(path -> GraphCompletion.mustComplete(tree, path))
        .ifPresent(graphsToComplete::add);
  }

  private static NodePath path(
      GraphState graph, int number, Optional<NodePath> container, int attempt) {
    var id = graph.graph().node(number).id();
    return container.map(around -> around.child(attempt, id)).orElseGet(() -> NodePath.root(id));
  }

  private void elements(GraphState graph, NodePath array) {
    if (Elements.mayStart(graph, state.header().settings()) && !tree.isStopped(array)) {
      arraysWithCapacity.add(array);
    }
  }

  private void enqueue(NodePath path, PlanNode node, Readiness waits) {
    if (tree.isStopped(path)) {
      return;
    }
    if (waits.skip() || !Parallelism.needsPermit(node)) {
      ready.addFirst(path);
    } else {
      ready.addLast(path);
    }
  }

  private void open(GraphState graph, int number, NodePath path) {
    var node = graph.node(number);
    var plan = graph.graph().node(number);
    permits += Parallelism.permits(graph.graph(), plan, node);
    if (!tree.isStopped(path)) {
      alarms.addAll(Timeouts.alarms(path, plan, node));
      if (node instanceof Requeued) {
        ready.addLast(path);
      }
    }
    if (node instanceof Active active && active.hasRunningSubgraph()) {
      graph(active.inner().orElseThrow(), Optional.of(path), active.attempt());
    }
  }

  private Readiness[] readiness(GraphState graph, Optional<NodePath> container) {
    return switch (graph.contents()) {
      case Subgraph.BranchArm(var taken) -> arms(graph, container.orElseThrow(), taken);
      case Subgraph.SubWorkflow _, Subgraph.Dynamic _, Subgraph.ArrayElements _ -> nodes(graph);
    };
  }

  private Readiness[] arms(GraphState arms, NodePath branch, String taken) {
    var waits = new Readiness[arms.graph().size()];
    Arrays.fill(waits, Readiness.toBeSkipped());
    waits[arms.graph().number(taken)] =
        Readiness.of(
            arms.graph().node(arms.graph().number(taken)),
            tree.graphOf(tree.scope(branch)).orElseThrow());
    return waits;
  }

  private static Readiness[] nodes(GraphState graph) {
    var waits = new Readiness[graph.graph().size()];
    Arrays.setAll(waits, number -> Readiness.waitingFor(graph.graph().upstreamCount(number)));
    for (int number = 0; number < waits.length; number++) {
      if (graph.node(number) instanceof Ended ended) {
        for (int i = 0; i < graph.graph().downstreamCount(number); i++) {
          var downstream = graph.graph().downstream(number, i);
          waits[downstream] = waits[downstream].after(ended.phase().succeeded());
        }
      }
    }
    if (isFailureNodesTurn(graph)) {
      waits[graph.graph().failureNode().orElseThrow()] = Readiness.waitingFor(0);
    }
    return waits;
  }

  /**
   * Whether the failure node of a graph has to run: the graph has failed, and no other node of it
   * is open.
   */
  static boolean isFailureNodesTurn(GraphState graph) {
    return graph.stop().orElse(null) instanceof Stop.Failed
        && graph.open() == 0
        && graph.failureNode().orElse(null) instanceof Pending;
  }
}
