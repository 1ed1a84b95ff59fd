package io.turboprop.workflow;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.GraphState.Stop;
import io.turboprop.workflow.NodeState.Active;
import io.turboprop.workflow.NodeState.Ended;
import io.turboprop.workflow.NodeState.Expiring;
import io.turboprop.workflow.NodeState.NodePhase;
import io.turboprop.workflow.NodeState.Paused;
import io.turboprop.workflow.NodeState.Ready;
import io.turboprop.workflow.NodeState.Waiting;
import io.turboprop.workflow.WorkflowEvent.NodeEvent;
import io.turboprop.workflow.WorkflowState.Done;
import io.turboprop.workflow.WorkflowState.Header;
import io.turboprop.workflow.WorkflowState.NotStarted;
import io.turboprop.workflow.WorkflowState.Outcome;
import io.turboprop.workflow.WorkflowState.Running;
import io.turboprop.workflow.WorkflowState.Succeeding;
import io.turboprop.workflow.rule.Parallelism;
import io.turboprop.workflow.rule.Readiness;
import java.time.Instant;
import java.util.Optional;

/** How facts change the state. Copies only: whatever was stored can be replayed. */
final class Evolution {
  private Evolution() {}

  static WorkflowState evolve(WorkflowState state, WorkflowEvent event) {
    return switch (event) {
      case WorkflowEvent.Started started -> started(state, started);
      case WorkflowEvent.Succeeding _ ->
          new Succeeding(header(state), tree(state).root().outputs(PlanNode.END));
      case WorkflowEvent.Succeeded(var outputs, _) ->
          new Done(header(state), new Outcome.Succeeded(outputs));
      case WorkflowEvent.Failing(var error, _) -> stopped(state, new Stop.Failed(error));
      case WorkflowEvent.Aborting(var cause, _) -> stopped(state, new Stop.Aborted(cause));
      case WorkflowEvent.Failed(var error, _) -> new Done(header(state), new Outcome.Failed(error));
      case WorkflowEvent.Aborted(var cause, _) ->
          new Done(header(state), new Outcome.Aborted(cause));
      case NodeEvent node -> new Running(header(state), node(tree(state), node));
    };
  }

  private static WorkflowState started(WorkflowState state, WorkflowEvent.Started event) {
    if (!(state instanceof NotStarted(var plans))) {
      throw new IllegalStateException("started twice: " + event.planDigest());
    }
    var plan = plans.plan(event.planDigest());
    var header = new Header(plan, plans, event.inputs(), event.settings(), event.at());
    return new Running(
        header,
        released(NodeTree.opened(plan.root(), event.inputs()), NodePath.root(PlanNode.START)));
  }

  private static WorkflowState stopped(WorkflowState state, Stop reason) {
    var tree = tree(state).stopped(reason);
    return new Running(header(state), closable(tree, tree.root(), Optional.empty()));
  }

  private static NodeTree node(NodeTree tree, NodeEvent event) {
    var path = event.node();
    return switch (event) {
      case WorkflowEvent.NodeQueued e -> admitted(tree, path).with(path, Active.first(e.at()));
      case WorkflowEvent.NodeSkipped _ ->
          ended(tree, path, NodePhase.SKIPPED, 0, Values.NONE, null);
      case WorkflowEvent.GraphOpened e -> opened(tree, e);
      case WorkflowEvent.GraphFailing e -> failing(tree, e);
      case WorkflowEvent.NodeRunning e -> tree.with(path, running((Active) tree.node(path), e));
      case WorkflowEvent.NodeAwoken _ -> tree.with(path, awoken((Active) tree.node(path)));
      case WorkflowEvent.NodeExpired e -> tree.with(path, expiring(tree.node(path), e));
      case WorkflowEvent.NodeRetrying e -> tree.with(path, retrying(tree.node(path), e));
      case WorkflowEvent.NodeRequeued _ -> tree.with(path, requeued((Paused) tree.node(path)));
      case WorkflowEvent.NodeSucceeded e ->
          ended(tree, path, NodePhase.SUCCEEDED, e.attempt(), e.outputs(), null);
      case WorkflowEvent.NodeFailed e ->
          ended(tree, path, NodePhase.FAILED, e.attempt(), Values.NONE, e.error());
      case WorkflowEvent.NodeTimedOut e ->
          ended(tree, path, NodePhase.TIMED_OUT, e.attempt(), Values.NONE, e.error());
      case WorkflowEvent.NodeAborted e ->
          ended(tree, path, NodePhase.ABORTED, e.attempt(), Values.NONE, null);
    };
  }

  /** Takes a node that was ready out of the queue; only the first is ever taken. */
  private static NodeTree admitted(NodeTree tree, NodePath path) {
    return tree.node(path) instanceof Ready ? tree.withReady(tree.ready().tail()) : tree;
  }

  private static Active running(Active active, WorkflowEvent.NodeRunning event) {
    var started = active.startedAt();
    if (started.isEmpty() && event.progress().hasStarted()) {
      started = Optional.of(event.at());
    }
    return new Active(
        active.attempt(),
        active.systemFailures(),
        active.queuedAt(),
        started,
        event.progress(),
        event.sleepsUntil(),
        active.inner());
  }

  private static Active awoken(Active active) {
    return new Active(
        active.attempt(),
        active.systemFailures(),
        active.queuedAt(),
        active.startedAt(),
        active.progress(),
        Optional.empty(),
        active.inner());
  }

  private static NodeState expiring(NodeState state, WorkflowEvent.NodeExpired event) {
    return switch (state) {
      case Active active ->
          new Expiring(
              active.attempt(),
              active.systemFailures(),
              active.queuedAt(),
              event.expiry(),
              event.error());
      case Waiting _, Ready _, Paused _, Expiring _, Ended _ ->
          throw new IllegalStateException("expired in " + state);
    };
  }

  private static NodeState retrying(NodeState state, WorkflowEvent.NodeRetrying event) {
    var system = event.error().kind() == ExecutionError.Kind.SYSTEM ? 1 : 0;
    return switch (state) {
      case Active active -> again(event, active.systemFailures() + system, active.queuedAt());
      case Expiring expiring ->
          again(event, expiring.systemFailures() + system, expiring.queuedAt());
      case Waiting _, Ready _, Paused _, Ended _ ->
          throw new IllegalStateException("tried again in " + state);
    };
  }

  private static NodeState again(
      WorkflowEvent.NodeRetrying event, int systemFailures, Instant queuedAt) {
    var attempt = event.attempt() + 1;
    return event.notBefore().isAfter(event.at())
        ? new Paused(attempt, systemFailures, queuedAt, event.notBefore())
        : Active.attempt(attempt, systemFailures, queuedAt);
  }

  private static Active requeued(Paused paused) {
    return Active.attempt(paused.attempt(), paused.systemFailures(), paused.queuedAt());
  }

  private static NodeTree opened(NodeTree tree, WorkflowEvent.GraphOpened event) {
    var active =
        tree.node(event.node()) instanceof Active queued ? queued : Active.first(event.at());
    var graph = Graphs.inside(tree.plan(event.node()));
    var opened =
        admitted(tree, event.node())
            .with(event.node(), active.with(GraphState.opened(graph, event.inputs())));
    return released(opened, event.node().child(event.attempt(), PlanNode.START));
  }

  private static NodeTree failing(NodeTree tree, WorkflowEvent.GraphFailing event) {
    var path = event.node();
    var stopped =
        tree.withClosing(tree.closing().remove(path)).stopped(path, new Stop.Failed(event.error()));
    var inner = stopped.inner(path, event.attempt()).orElseThrow();
    return attention(closable(stopped, inner, Optional.of(path)), path);
  }

  private static NodeTree ended(
      NodeTree tree,
      NodePath path,
      NodePhase phase,
      int attempt,
      Values outputs,
      @org.jspecify.annotations.Nullable ExecutionError error) {
    var state = new Ended(phase, attempt, outputs, Optional.ofNullable(error));
    var after = admitted(tree, path).with(path, state).withClosing(tree.closing().remove(path));
    return attention(released(after, path), path.parent());
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
    return after;
  }

  private static NodeTree counted(NodeTree tree, NodePath path, boolean succeeded) {
    var next = Readiness.after((Waiting) tree.node(path), succeeded);
    var after = tree.with(path, next);
    return next instanceof Ready ready
        ? after.withReady(
            ready.skip() || !Parallelism.counts(tree.plan(path))
                ? after.ready().prepend(path)
                : after.ready().append(path))
        : after;
  }

  private static NodePath sibling(NodePath path, String id) {
    return path.parent()
        .map(parent -> parent.child(path.parentAttempt(), id))
        .orElseGet(() -> NodePath.root(id));
  }

  /** Marks the graphs from here to the top that have to be ended for one reason or another. */
  private static NodeTree attention(NodeTree tree, Optional<NodePath> path) {
    return path.map(container -> attention(tree, container)).orElse(tree);
  }

  private static NodeTree attention(NodeTree tree, NodePath container) {
    var marked =
        Consequences.mustClose(tree, container)
            ? tree.withClosing(tree.closing().add(container))
            : tree;
    return attention(marked, container.parent());
  }

  /** Marks the open graphs inside a stopped one in which nothing is under way any more. */
  private static NodeTree closable(NodeTree tree, GraphState graph, Optional<NodePath> parent) {
    var after = tree;
    for (var node : graph.graph().nodes()) {
      if (graph.node(node.id()) instanceof Active active && active.inner().isPresent()) {
        var path =
            parent
                .map(p -> p.child(((Active) tree.node(p)).attempt(), node.id()))
                .orElseGet(() -> NodePath.root(node.id()));
        after = closable(after, active.inner().orElseThrow(), Optional.of(path));
        if (Consequences.mustClose(after, path)) {
          after = after.withClosing(after.closing().add(path));
        }
      }
    }
    return after;
  }

  private static Header header(WorkflowState state) {
    return switch (state) {
      case Running running -> running.header();
      case Succeeding succeeding -> succeeding.header();
      case Done done -> done.header();
      case NotStarted _ -> throw new IllegalStateException("nothing can happen before the start");
    };
  }

  private static NodeTree tree(WorkflowState state) {
    return switch (state) {
      case Running running -> running.tree();
      case NotStarted _, Succeeding _, Done _ ->
          throw new IllegalStateException(
              "no graph is walked in " + state.getClass().getSimpleName());
    };
  }
}
