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
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.Pending;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.vavr.collection.HashMap;
import io.vavr.collection.Queue;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Updates the indexes after each event. When a node ends, the nodes that waited for it become
 * ready. If its graph now has to end, the node around the graph goes into {@code graphsToComplete}.
 * If an array may now start another element, it goes into {@code arraysWithCapacity}.
 */
final class IndexUpdates {
  private final Running state;
  private final NodeTree tree;
  private HashMap<Optional<NodePath>, Vector<Readiness>> readiness;
  private Queue<NodePath> ready;
  private int permits;
  private TreeSet<Alarm> alarms;
  private TreeSet<NodePath> graphsToComplete;
  private TreeSet<NodePath> arraysWithCapacity;

  private IndexUpdates(Running state, Indexes indexes) {
    this.state = state;
    this.tree = state.tree();
    this.readiness = indexes.readiness();
    this.ready = indexes.ready();
    this.permits = indexes.permits();
    this.alarms = indexes.alarms();
    this.graphsToComplete = indexes.graphsToComplete();
    this.arraysWithCapacity = indexes.arraysWithCapacity();
  }

  /**
   * @param before the state and its indexes before the event
   * @param state the state after the event
   */
  static Indexes after(IndexedState before, WorkflowEvent event, Running state) {
    var updates = new IndexUpdates(state, before.indexes());
    switch (event) {
      case WorkflowEvent.Started _ -> updates.graphOpened(Optional.empty());
      case WorkflowEvent.Failing _, WorkflowEvent.Aborting _ -> updates.allStopped();
      case NodeEvent node -> updates.node(((Running) before.state()).tree(), node);
      case WorkflowEvent.Succeeding _,
          WorkflowEvent.Succeeded _,
          WorkflowEvent.Failed _,
          WorkflowEvent.Aborted _ ->
          throw new IllegalStateException("the execution does not run any more after " + event);
    }
    return updates.indexes();
  }

  private Indexes indexes() {
    return new Indexes(readiness, ready, permits, alarms, graphsToComplete, arraysWithCapacity);
  }

  private void node(NodeTree before, NodeEvent event) {
    var path = event.node();
    var was = before.node(path);
    changed(path, was, tree.node(path));
    switch (event) {
      case WorkflowEvent.NodeQueued _ -> began(path);
      case WorkflowEvent.GraphOpened _ -> {
        began(path);
        graphOpened(Optional.of(path));
      }
      case WorkflowEvent.GraphEnded _ -> graphGone(path, was);
      case WorkflowEvent.GraphFailing _ -> graphStopped(path);
      case WorkflowEvent.NodeExpired _ -> {
        if (tree.node(path) instanceof Active) {
          graphStopped(path);
        }
      }
      case WorkflowEvent.NodeRetrying _, WorkflowEvent.NodeRequeued _ -> {
        graphGone(path, was);
        if (was instanceof Requeued) {
          dequeued(path);
        }
        if (tree.node(path) instanceof Requeued) {
          ready = ready.append(path);
        }
      }
      case WorkflowEvent.NodeSkipped _,
          WorkflowEvent.NodeSucceeded _,
          WorkflowEvent.NodeRecovered _,
          WorkflowEvent.NodeFailed _,
          WorkflowEvent.NodeTimedOut _,
          WorkflowEvent.NodeAborted _ ->
          ended(path, was);
      case WorkflowEvent.NodeRunning _, WorkflowEvent.NodeAwoken _ -> {}
    }
  }

  /** Updates the permits and alarms of the changed node. */
  private void changed(NodePath path, NodeState before, NodeState after) {
    var graph = tree.graphOf(path).orElseThrow().graph();
    var plan = graph.node(graph.number(path.nodeId()));
    permits += Parallelism.permits(graph, plan, after) - Parallelism.permits(graph, plan, before);
    var gone = Timeouts.alarms(path, plan, before);
    var due = Timeouts.alarms(path, plan, after);
    if (!gone.equals(due)) {
      alarms = without(alarms, gone);
      if (!due.isEmpty() && !tree.isStopped(path)) {
        alarms = with(alarms, due);
      }
    }
  }

  /**
   * The alarms without those that are gone. They are removed one by one, because removing them
   * together would rebuild the tree.
   */
  private static TreeSet<Alarm> without(TreeSet<Alarm> alarms, List<Alarm> gone) {
    var left = alarms;
    for (var alarm : gone) {
      left = left.remove(alarm);
    }
    return left;
  }

  private static TreeSet<Alarm> with(TreeSet<Alarm> alarms, List<Alarm> due) {
    var all = alarms;
    for (var alarm : due) {
      all = all.add(alarm);
    }
    return all;
  }

  private void began(NodePath path) {
    dequeued(path);
    path.parent().ifPresent(this::capacity);
  }

  private void ended(NodePath path, NodeState was) {
    dequeued(path);
    graphGone(path, was);
    released(path);
    path.parent().ifPresent(this::capacity);
    completion(path.parent());
  }

  /**
   * Removes a node from the queue if it is at the head. A node that was aborted further back is
   * dropped when it reaches the head.
   */
  private void dequeued(NodePath path) {
    if (!ready.isEmpty() && ready.head().equals(path)) {
      ready = live(ready.tail());
    }
  }

  /**
   * The queue without the nodes of stopped graphs at its head. Such nodes are never started; they
   * are dropped when they reach the head.
   */
  private Queue<NodePath> live(Queue<NodePath> nodes) {
    var live = nodes;
    while (!live.isEmpty() && tree.isStopped(live.head())) {
      live = live.tail();
    }
    return live;
  }

  /** Removes the indexes of the graph inside a node, if it had one. */
  private void graphGone(NodePath container, NodeState was) {
    if (was instanceof Active active && active.hasRunningSubgraph()) {
      graphsToComplete = graphsToComplete.remove(container);
      readiness = readiness.remove(Optional.of(container));
    }
  }

  /** Adds the indexes of a graph that was opened: the root graph or the graph inside a node. */
  private void graphOpened(Optional<NodePath> container) {
    var graph = graph(container);
    switch (graph.contents()) {
      case Subgraph.SubWorkflow _, Subgraph.Dynamic _ -> {
        readiness = readiness.put(container, IndexBuilder.untouched(graph.graph()));
        released(child(container, PlanNode.START));
      }
      case Subgraph.BranchArm(var arm) -> armTaken(graph, container.orElseThrow(), arm);
      case Subgraph.ArrayElements _ -> {
        container.ifPresent(this::capacity);
        completion(container);
      }
    }
  }

  /**
   * Adds the readiness of a branch's arms: the selected arm waits for the nodes that its bindings
   * read, the other arms are skipped.
   */
  private void armTaken(GraphState arms, NodePath branch, String taken) {
    var scope = tree.graphOf(tree.scope(branch)).orElseThrow();
    var container = Optional.of(branch);
    readiness = readiness.put(container, IndexBuilder.untouched(arms.graph()));
    for (int number = 0; number < arms.graph().size(); number++) {
      var arm = arms.graph().node(number);
      waits(
          container,
          arms.graph(),
          number,
          arm.id().equals(taken) ? Readiness.of(arm, scope) : Readiness.toBeSkipped());
    }
  }

  /** Sets the readiness of a node; if the node is ready, it joins the queue. */
  private void waits(Optional<NodePath> container, Graph graph, int number, Readiness next) {
    readiness = readiness.put(container, readiness.apply(container).update(number, next));
    if (next.isReady()) {
      enqueue(container, graph.node(number), next);
    }
  }

  private void enqueue(Optional<NodePath> container, PlanNode node, Readiness next) {
    var path = child(container, node.id());
    ready =
        next.skip() || !Parallelism.needsPermit(node) ? ready.prepend(path) : ready.append(path);
  }

  /**
   * Lowers the count of awaited nodes of every node that waits for this one; at zero that node
   * joins the queue.
   */
  private void released(NodePath path) {
    var around = tree.graphOf(path).orElseThrow();
    if (around.graph() instanceof ElementGraph || tree.isStopped(path)) {
      return;
    }
    var graph = around.graph();
    var container = path.parent();
    var number = graph.number(path.nodeId());
    var succeeded = ((Ended) around.node(number)).phase().succeeded();
    if (graph.downstreamCount(number) > 0) {
      released(container, graph, number, succeeded);
    }
    for (var branch : graph.branchesWaitingFor(number)) {
      releasedInBranch(child(container, graph.node(branch).id()), path.nodeId(), succeeded);
    }
  }

  private void released(Optional<NodePath> container, Graph graph, int number, boolean succeeded) {
    Vector<Readiness> nodes = readiness.apply(container);
    for (int i = 0; i < graph.downstreamCount(number); i++) {
      var downstream = graph.downstream(number, i);
      var next = nodes.get(downstream).after(succeeded);
      nodes = nodes.update(downstream, next);
      if (next.isReady()) {
        enqueue(container, graph.node(downstream), next);
      }
    }
    readiness = readiness.put(container, nodes);
  }

  /**
   * Does the same for the selected arm of a branch, or of a branch nested in it, whose bindings
   * read the ended node.
   */
  private void releasedInBranch(NodePath branch, String ended, boolean succeeded) {
    if (!(tree.node(branch) instanceof Active active)
        || active.inner().isEmpty()
        || !(active.inner().orElseThrow().contents() instanceof Subgraph.BranchArm(var arm))) {
      return;
    }
    var path = branch.child(active.attempt(), arm);
    if (tree.isStopped(path)) {
      return;
    }
    var container = Optional.of(branch);
    var arms = active.inner().orElseThrow();
    var number = arms.graph().number(arm);
    var waits = readiness(container, number);
    if (arms.node(number) instanceof Pending
        && !waits.isReady()
        && arms.graph().node(number).sources().contains(ended)) {
      waits(container, arms.graph(), number, waits.after(succeeded));
    } else {
      releasedInBranch(path, ended, succeeded);
    }
  }

  /** Marks or unmarks an array, depending on whether it may start another element. */
  private void capacity(NodePath container) {
    if (!(tree.find(container).orElse(null) instanceof Active active)
        || active.inner().isEmpty()
        || !(active.inner().orElseThrow().graph() instanceof ElementGraph)) {
      return;
    }
    var mayStart =
        Elements.mayStart(active.inner().orElseThrow(), state.header().settings())
            && !tree.isStopped(container);
    arraysWithCapacity =
        mayStart ? arraysWithCapacity.add(container) : arraysWithCapacity.remove(container);
  }

  /**
   * Marks a graph that has to be completed, or makes its failure node ready. The graphs around it
   * stay unchanged: for them, this graph is open until it is completed.
   */
  private void completion(Optional<NodePath> container) {
    failureNode(container);
    if (container.filter(path -> GraphCompletion.mustComplete(tree, path)).isPresent()) {
      graphsToComplete = graphsToComplete.add(container.orElseThrow());
    }
  }

  private void failureNode(Optional<NodePath> container) {
    var graph = graph(container);
    if (IndexBuilder.isFailureNodesTurn(graph)) {
      var number = graph.graph().failureNode().orElseThrow();
      if (!readiness(container, number).isReady()
          && !tree.isStopped(child(container, graph.graph().node(number).id()))) {
        waits(container, graph.graph(), number, Readiness.waitingFor(0));
      }
    }
  }

  /**
   * Updates the indexes after the graph inside a node was stopped: nodes of the graph leave the
   * queue and lose their alarms.
   */
  private void graphStopped(NodePath container) {
    var active = (Active) tree.node(container);
    var graph = active.inner().orElseThrow();
    var prefix = container.text() + "/";
    Predicate<NodePath> outside =
        node -> !node.equals(container) && !node.text().startsWith(prefix);
    graphsToComplete = outside(graphsToComplete, outside);
    arraysWithCapacity = outside(arraysWithCapacity, outside);
    alarms = withoutInside(alarms, Optional.of(container), active.attempt(), graph);
    ready = live(ready);
    completionInside(graph, Optional.of(container));
    completion(Optional.of(container));
  }

  private static TreeSet<NodePath> outside(TreeSet<NodePath> nodes, Predicate<NodePath> outside) {
    return nodes.isEmpty() ? nodes : nodes.filter(outside);
  }

  /** Updates the indexes for a stopped root graph. */
  private void allStopped() {
    ready = Queue.empty();
    alarms = TreeSet.empty();
    graphsToComplete = TreeSet.empty();
    arraysWithCapacity = TreeSet.empty();
    completionInside(tree.root(), Optional.empty());
    completion(Optional.empty());
  }

  /** The alarms without those of a graph and of the graphs below it. Visits only these graphs. */
  private static TreeSet<Alarm> withoutInside(
      TreeSet<Alarm> alarms, Optional<NodePath> container, int attempt, GraphState graph) {
    var left = alarms;
    for (int number = 0; graph.open() > 0 && number < graph.graph().size(); number++) {
      var node = graph.node(number);
      if (GraphState.isOpen(node)) {
        var plan = graph.graph().node(number);
        var path = container.orElseThrow().child(attempt, plan.id());
        left = without(left, Timeouts.alarms(path, plan, node));
        if (node instanceof Active active && active.inner().isPresent()) {
          left =
              withoutInside(
                  left, Optional.of(path), active.attempt(), active.inner().orElseThrow());
        }
      }
    }
    return left;
  }

  /**
   * After a graph was stopped, marks the graphs inside it that have no open node: they can end at
   * once.
   */
  private void completionInside(GraphState graph, Optional<NodePath> container) {
    for (int number = 0; graph.open() > 0 && number < graph.graph().size(); number++) {
      if (graph.node(number) instanceof Active active && active.inner().isPresent()) {
        var path = child(container, graph.graph().node(number).id());
        completionInside(active.inner().orElseThrow(), Optional.of(path));
        if (GraphCompletion.mustComplete(tree, path)) {
          graphsToComplete = graphsToComplete.add(path);
        }
      }
    }
  }

  private Readiness readiness(Optional<NodePath> container, int number) {
    return readiness.apply(container).get(number);
  }

  private GraphState graph(Optional<NodePath> container) {
    return container
        .map(path -> ((Active) tree.node(path)).inner().orElseThrow())
        .orElse(tree.root());
  }

  /** The path of a node in the graph inside a container, or in the root graph. */
  private NodePath child(Optional<NodePath> container, String id) {
    return container
        .map(path -> path.child(((Active) tree.node(path)).attempt(), id))
        .orElseGet(() -> NodePath.root(id));
  }
}
