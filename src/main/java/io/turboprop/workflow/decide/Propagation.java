package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Elements;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.decide.rule.Readiness;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.Ready;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.NodeState.Waiting;
import io.turboprop.workflow.state.NodeTree;
import java.util.Optional;

/**
 * What the begin or end of one node does to the state of others: those that waited for it become
 * ready, the graphs around it are marked to be closed, an array is marked to have a place.
 */
public final class Propagation {
  private Propagation() {}

  /** A graph has just been opened, that of the execution or the one inside a node. */
  public static NodeTree begun(
      NodeTree tree, Optional<NodePath> container, ExecutionSettings settings) {
    var graph = container.map(path -> inner(tree, path)).orElse(tree.root());
    return switch (graph.contents()) {
      case Subgraph.SubWorkflow _, Subgraph.Dynamic _ ->
          released(tree, child(tree, container, PlanNode.START));
      case Subgraph.BranchArm(var arm) -> taken(tree, container.orElseThrow(), graph, arm);
      case Subgraph.ArrayElements _ -> attention(fed(tree, container, settings), container);
    };
  }

  /** A node has ended, in whatever way. */
  public static NodeTree ended(NodeTree tree, NodePath path, ExecutionSettings settings) {
    return attention(fed(released(tree, path), path.parent(), settings), path.parent());
  }

  /** The graph of the execution is stopped. */
  public static NodeTree stopped(NodeTree tree, Stop reason) {
    var stopped = tree.stopped(reason);
    return attention(closable(stopped, stopped.root(), Optional.empty()), Optional.empty());
  }

  /** The graph inside a node is stopped. */
  public static NodeTree stopped(NodeTree tree, NodePath container, Stop reason) {
    var stopped = tree.stopped(container, reason);
    var around = Optional.of(container);
    return attention(closable(stopped, inner(stopped, container), around), around);
  }

  /** Marks an array that has a place for another element, or unmarks it. */
  public static NodeTree fed(
      NodeTree tree, Optional<NodePath> container, ExecutionSettings settings) {
    if (container.isEmpty()
        || !(tree.find(container.orElseThrow()).orElse(null) instanceof Active active)
        || active.inner().isEmpty()
        || !(active.inner().orElseThrow().graph() instanceof ElementGraph)) {
      return tree;
    }
    var path = container.orElseThrow();
    return Elements.mayStart(active.inner().orElseThrow(), settings) && !tree.isStopped(path)
        ? tree.withArraysWithCapacity(tree.arraysWithCapacity().add(path))
        : tree.withArraysWithCapacity(tree.arraysWithCapacity().remove(path));
  }

  /** The arm of a branch waits for what its bindings read; the other arms are to be skipped. */
  private static NodeTree taken(NodeTree tree, NodePath branch, GraphState arms, String taken) {
    var scope = tree.graphOf(tree.scope(branch)).orElseThrow();
    var after = tree;
    for (int number = 0; number < arms.graph().size(); number++) {
      var arm = arms.graph().node(number);
      var path = child(tree, Optional.of(branch), arm.id());
      after =
          arm.id().equals(taken)
              ? queued(after, path, Readiness.of(arm, scope))
              : queued(after, path, new Ready(true));
    }
    return after;
  }

  /**
   * The next state of a node; one in which it waits for nothing but a place puts it in the queue.
   */
  public static NodeTree queued(NodeTree tree, NodePath path, NodeState next) {
    var after = tree.with(path, next);
    return switch (next) {
      case Ready(var skip) when skip || !Parallelism.counts(tree.plan(path)) ->
          after.withReady(after.ready().prepend(path));
      case Ready _, Requeued _ -> after.withReady(after.ready().append(path));
      case Waiting _, Active _, NodeState.Paused _, NodeState.Expiring _, Ended _ -> after;
    };
  }

  /** Counts a node that has ended down at all that wait for it; the last one makes them ready. */
  private static NodeTree released(NodeTree tree, NodePath path) {
    if (tree.isStopped(path)) {
      return tree;
    }
    var succeeded = ((Ended) tree.node(path)).phase().succeeded();
    var graph = tree.graphOf(path).orElseThrow().graph();
    var number = graph.number(path.nodeId());
    var after = tree;
    for (int i = 0; i < graph.downstreamCount(number); i++) {
      after =
          counted(after, sibling(path, graph.node(graph.downstream(number, i)).id()), succeeded);
    }
    for (var branch : graph.branchesWaitingFor(number)) {
      after = counted(after, sibling(path, graph.node(branch).id()), path.nodeId(), succeeded);
    }
    return after;
  }

  private static NodeTree counted(NodeTree tree, NodePath path, boolean succeeded) {
    return queued(tree, path, Readiness.after((Waiting) tree.node(path), succeeded));
  }

  /** Counts a node down at the arm of a branch around which it stands. */
  private static NodeTree counted(NodeTree tree, NodePath branch, String ended, boolean succeeded) {
    if (!(tree.node(branch) instanceof Active active)
        || active.inner().isEmpty()
        || !(active.inner().orElseThrow().contents() instanceof Subgraph.BranchArm(var arm))) {
      return tree;
    }
    var path = branch.child(active.attempt(), arm);
    if (tree.isStopped(path)) {
      return tree;
    }
    return tree.node(path) instanceof Waiting && tree.plan(path).sources().contains(ended)
        ? counted(tree, path, succeeded)
        : counted(tree, path, ended, succeeded);
  }

  private static NodePath sibling(NodePath path, String id) {
    return path.parent()
        .map(parent -> parent.child(path.parentAttempt(), id))
        .orElseGet(() -> NodePath.root(id));
  }

  private static NodePath child(NodeTree tree, Optional<NodePath> container, String id) {
    return container
        .map(path -> path.child(((Active) tree.node(path)).attempt(), id))
        .orElseGet(() -> NodePath.root(id));
  }

  private static GraphState inner(NodeTree tree, NodePath container) {
    return ((Active) tree.node(container)).inner().orElseThrow();
  }

  /**
   * Marks the graphs from here to the top that have to be ended for one reason or another, and lets
   * the failure nodes begin whose turn it is.
   */
  private static NodeTree attention(NodeTree tree, Optional<NodePath> container) {
    var after = failed(tree, container);
    if (container.isEmpty()) {
      return after;
    }
    var path = container.orElseThrow();
    return attention(
        GraphCompletion.mustComplete(after, path)
            ? after.withGraphsToComplete(after.graphsToComplete().add(path))
            : after,
        path.parent());
  }

  /** The failure node of a graph that has failed waits until nothing else of it is open. */
  private static NodeTree failed(NodeTree tree, Optional<NodePath> container) {
    var graph = container.map(path -> inner(tree, path)).orElse(tree.root());
    if (!(graph.stop().orElse(null) instanceof Stop.Failed)
        || graph.open() > 0
        || !(graph.failureNode().orElse(null) instanceof Waiting)) {
      return tree;
    }
    var number = graph.graph().failureNode().orElseThrow();
    var path = child(tree, container, graph.graph().node(number).id());
    return tree.isStopped(path) ? tree : queued(tree, path, new Ready(false));
  }

  private static NodeTree closable(NodeTree tree, GraphState graph, Optional<NodePath> container) {
    if (graph.open() == 0) {
      return tree;
    }
    var after = tree;
    for (int number = 0; number < graph.graph().size(); number++) {
      if (graph.node(number) instanceof Active active && active.inner().isPresent()) {
        var path = child(tree, container, graph.graph().node(number).id());
        after = closable(after, active.inner().orElseThrow(), Optional.of(path));
        if (GraphCompletion.mustComplete(after, path)) {
          after = after.withGraphsToComplete(after.graphsToComplete().add(path));
        }
      }
    }
    return after;
  }
}
