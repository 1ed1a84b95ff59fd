package io.turboprop.workflow.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Work.NodeWork;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What must hold in every history. */
public final class Invariants {
  private final ExecutionSettings settings;
  private final Map<NodePath, int[]> retries = new HashMap<>();
  private final Map<NodePath, Integer> attempts = new HashMap<>();
  private final Set<NodePath> ended = new HashSet<>();

  public Invariants(ExecutionSettings settings) {
    this.settings = settings;
  }

  public void before(WorkflowState state, WorkflowEvent event) {
    check(!(state instanceof Done), () -> "nothing happens after the end: " + event);
    switch (event) {
      case WorkflowEvent.NodeQueued queued -> begins(state, queued.node());
      case WorkflowEvent.GraphOpened opened -> begins(state, opened.node());
      case WorkflowEvent.NodeRequeued requeued -> notStopped(state, requeued.node());
      case WorkflowEvent.NodeRetrying retrying -> {
        insideIsOver(state, retrying.node());
        withinBudget(state, retrying);
      }
      case WorkflowEvent.NodeSucceeded e -> ends(state, e.node());
      case WorkflowEvent.NodeRecovered e -> ends(state, e.node());
      case WorkflowEvent.NodeFailed e -> ends(state, e.node());
      case WorkflowEvent.NodeTimedOut e -> ends(state, e.node());
      case WorkflowEvent.NodeSkipped e -> ends(state, e.node());
      case WorkflowEvent.NodeAborted e -> ends(state, e.node());
      case WorkflowEvent.Started _,
          WorkflowEvent.Succeeding _,
          WorkflowEvent.Succeeded _,
          WorkflowEvent.Failing _,
          WorkflowEvent.Failed _,
          WorkflowEvent.Aborting _,
          WorkflowEvent.Aborted _,
          WorkflowEvent.GraphEnded _,
          WorkflowEvent.GraphFailing _,
          WorkflowEvent.NodeRunning _,
          WorkflowEvent.NodeAwoken _,
          WorkflowEvent.NodeExpired _ -> {}
    }
  }

  private static void begins(WorkflowState state, NodePath path) {
    notStopped(state, path);
    var tree = ((Running) state).tree();
    var graph = tree.graphOf(path).orElseThrow();
    var number = graph.graph().number(path.nodeId());
    for (int upstream = 0; upstream < graph.graph().size(); upstream++) {
      for (int i = 0; i < graph.graph().downstreamCount(upstream); i++) {
        check(
            graph.graph().downstream(upstream, i) != number
                || graph.node(upstream) instanceof Ended,
            () -> path + " runs before all have ended that it waits for");
      }
    }
    var scope = tree.graphOf(tree.scope(path)).orElseThrow();
    for (var source : tree.plan(path).sources()) {
      check(
          scope.graph().find(source).map(scope::node).filter(n -> !(n instanceof Ended)).isEmpty(),
          () -> path + " runs before " + source + ", which it reads");
    }
  }

  private static void notStopped(WorkflowState state, NodePath path) {
    check(!((Running) state).tree().isStopped(path), () -> path + " begins in a stopped graph");
  }

  private static void insideIsOver(WorkflowState state, NodePath path) {
    check(
        !(((Running) state).tree().node(path) instanceof Active active)
            || active.inner().filter(inner -> inner.open() > 0).isEmpty(),
        () -> path + " is over before what is inside");
  }

  private void withinBudget(WorkflowState state, WorkflowEvent.NodeRetrying event) {
    var counts = retries.computeIfAbsent(event.node(), _ -> new int[2]);
    var system = event.error().kind() == ExecutionError.Kind.SYSTEM;
    var count = ++counts[system ? 1 : 0];
    var policy = ((Running) state).tree().plan(event.node()).policy();
    var budget =
        system
            ? settings.systemRetriesMax()
            : Math.max(policy.attemptsMax(), settings.attemptsMaxDefault()) - 1;
    check(count <= budget, () -> "too many retries of " + event.node());
    check(
        attempts.merge(event.node(), 1, Integer::sum) == event.attempt() + 1,
        () -> "attempts are counted one by one: " + event);
  }

  private void ends(WorkflowState state, NodePath path) {
    insideIsOver(state, path);
    check(ended.add(path), () -> path + " ends twice");
  }

  public void after(IndexedState execution, WorkflowEvent event) {
    if (execution.state() instanceof Running running) {
      check(
          settings.parallelismMax() == 0
              || execution.indexes().permits() <= settings.parallelismMax(),
          () -> "more run than may after " + event);
      after(running.tree(), event);
    }
  }

  private void after(NodeTree tree, WorkflowEvent event) {
    if (event instanceof WorkflowEvent.NodeEvent node) {
      tree.graphOf(node.node()).ifPresent(this::countsAreRight);
    }
  }

  /** Each node counts once: what is kept step by step is what is there. */
  private void countsAreRight(GraphState graph) {
    int unfinished = 0;
    int failed = 0;
    int open = 0;
    int number = 0;
    for (var node : graph.nodes()) {
      var counts = graph.graph().failureNode().orElse(-1) != number++;
      unfinished += counts && !(node instanceof Ended) ? 1 : 0;
      failed += counts && node instanceof Ended end && end.phase().failed() ? 1 : 0;
      open += GraphState.isOpen(node) ? 1 : 0;
      open += node instanceof Active active ? active.inner().map(GraphState::open).orElse(0) : 0;
    }
    check(graph.unfinished() == unfinished, () -> "unfinished nodes are counted wrongly");
    check(graph.failed() == failed, () -> "failed nodes are counted wrongly");
    check(graph.open() == open, () -> "open nodes are counted wrongly");
    if (graph.graph() instanceof ElementGraph(var array, var size)) {
      check(unfinished <= size, () -> "more elements than there are");
      var underWay = graph.nodes().count(GraphState::isOpen);
      check(
          underWay <= settings.elementsMax()
              && (array.parallelismMax().orElse(0) == 0
                  || underWay <= array.parallelismMax().orElseThrow()),
          () -> "more elements are under way than may");
    }
  }

  /** What the entity keeps step by step is what the whole state wants. */
  public void outstanding(WorkflowState state, Collection<NodeWork> workers) {
    var wanted = WorkflowMachine.outstanding(state);
    if (!wanted.equals(new HashSet<>(workers))) {
      assertThat(workers).containsExactlyInAnyOrderElementsOf(wanted);
    }
  }

  /** Indexes kept step by step are those that a replay builds, but for the order of the queue. */
  public void indexes(IndexedState execution) {
    if (execution.state() instanceof Running running) {
      var kept = execution.indexes();
      var built = IndexedState.of(running).indexes();
      same("permits", kept.permits(), built.permits());
      same("alarms", kept.alarms(), built.alarms());
      same("graphs to complete", kept.graphsToComplete(), built.graphsToComplete());
      same("arrays with capacity", kept.arraysWithCapacity(), built.arraysWithCapacity());
      same("ready nodes", live(running, kept), live(running, built));
      same("the number of ready nodes", live(running, built).size(), built.ready().size());
      same("graphs", kept.readiness().keySet(), built.readiness().keySet());
      built.readiness().forEach((container, _) -> readiness(running, container, kept, built));
    }
  }

  private static Set<NodePath> live(Running state, Indexes indexes) {
    return indexes.ready().filter(path -> !state.tree().isStopped(path)).toJavaSet();
  }

  private static void readiness(
      Running state, Optional<NodePath> container, Indexes kept, Indexes built) {
    var graph =
        container
            .map(path -> ((Active) state.tree().node(path)).inner().orElseThrow())
            .orElse(state.tree().root());
    for (int number = 0; number < graph.graph().size(); number++) {
      var id = graph.graph().node(number).id();
      var path =
          container
              .map(around -> around.child(((Active) state.tree().node(around)).attempt(), id))
              .orElseGet(() -> NodePath.root(id));
      if (graph.node(number) instanceof NodeState.Pending && !state.tree().isStopped(path)) {
        same(
            "what " + path + " waits for",
            kept.readiness(container, number),
            built.readiness(container, number));
      }
    }
  }

  private static void same(String what, Object kept, Object built) {
    check(kept.equals(built), () -> what + ": kept are " + kept + ", built are " + built);
  }

  public void atTheEnd(List<WorkflowEvent> journal) {
    check(journal.stream().filter(Invariants::isEnd).count() == 1, () -> "an execution ends once");
  }

  private static boolean isEnd(WorkflowEvent event) {
    return event instanceof WorkflowEvent.Succeeded
        || event instanceof WorkflowEvent.Failed
        || event instanceof WorkflowEvent.Aborted;
  }

  /**
   * Fails unless this holds. Histories check millions of things, so that the text is only put
   * together for a failure.
   */
  public static void check(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new AssertionError(what.get());
    }
  }
}
