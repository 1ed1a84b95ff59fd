package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Graphs;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.Expiring;
import io.turboprop.workflow.state.NodeState.NodePhase;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeState.Pending;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.Header;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Outcome;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.turboprop.workflow.state.WorkflowState.Succeeding;
import java.time.Instant;
import java.util.Optional;

/**
 * Applies events to the state. It only copies facts, so that every stored event can be replayed,
 * whatever rules decided it. An event changes its own node, or the graph that it opens or stops.
 * The machine decides the consequences for other nodes, which are events of their own.
 */
public final class EventApplier {
  private EventApplier() {}

  public static WorkflowState evolve(WorkflowState state, WorkflowEvent event) {
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
      case NodeEvent node -> new Running(header(state), node(header(state), tree(state), node));
    };
  }

  private static WorkflowState started(WorkflowState state, WorkflowEvent.Started event) {
    if (!(state instanceof NotStarted(var plans))) {
      throw new IllegalStateException(
          "the execution is started twice, with plan " + event.planDigest());
    }
    var plan = plans.plan(event.planDigest());
    var header = new Header(plan, plans, event.inputs(), event.settings(), event.at());
    return new Running(header, NodeTree.opened(plan.root(), event.inputs()));
  }

  private static WorkflowState stopped(WorkflowState state, Stop reason) {
    return new Running(header(state), tree(state).stopped(reason));
  }

  private static NodeTree node(Header header, NodeTree tree, NodeEvent event) {
    var path = event.node();
    return switch (event) {
      case WorkflowEvent.NodeQueued e -> tree.with(path, Active.first(e.at()));
      case WorkflowEvent.NodeSkipped _ -> ended(tree, path, NodePhase.SKIPPED, 0, Values.NONE);
      case WorkflowEvent.GraphOpened e -> opened(header, tree, e);
      case WorkflowEvent.GraphEnded _ -> tree.with(path, ((Active) tree.node(path)).asFinishing());
      case WorkflowEvent.GraphFailing e -> tree.stopped(path, new Stop.Failed(e.error()));
      case WorkflowEvent.NodeRunning e -> tree.with(path, running((Active) tree.node(path), e));
      case WorkflowEvent.NodeAwoken _ -> tree.with(path, awoken((Active) tree.node(path)));
      case WorkflowEvent.NodeExpired e -> expired(tree, e);
      case WorkflowEvent.NodeRetrying e -> tree.with(path, retrying(tree, e)).withError();
      case WorkflowEvent.NodeRequeued _ -> tree.with(path, requeued(tree.node(path)));
      case WorkflowEvent.NodeSucceeded e ->
          ended(tree, path, NodePhase.SUCCEEDED, e.attempt(), e.outputs());
      case WorkflowEvent.NodeRecovered e ->
          ended(tree, path, NodePhase.RECOVERED, e.attempt(), e.outputs());
      case WorkflowEvent.NodeFailed e ->
          failed(tree, path, NodePhase.FAILED, e.attempt(), e.error());
      case WorkflowEvent.NodeTimedOut e ->
          failed(tree, path, NodePhase.TIMED_OUT, e.attempt(), e.error());
      case WorkflowEvent.NodeAborted e ->
          ended(tree, path, NodePhase.ABORTED, e.attempt(), Values.NONE);
    };
  }

  private static Active running(Active active, WorkflowEvent.NodeRunning event) {
    var started = active.startedAt();
    if (started.isEmpty() && event.progress().hasStarted()) {
      started = Optional.of(event.at());
    }
    return active.running(event.progress(), started, event.sleepsUntil());
  }

  private static Active awoken(Active active) {
    return active.running(active.progress(), active.startedAt(), Optional.empty());
  }

  /**
   * Applies the end of a node's time. A node with a graph inside stays active until no node of that
   * graph runs any more.
   */
  private static NodeTree expired(NodeTree tree, WorkflowEvent.NodeExpired event) {
    var active = (Active) tree.node(event.node());
    return active.hasRunningSubgraph()
        ? tree.stopped(event.node(), new Stop.Expired(event.expiry(), event.error()))
        : tree.with(
            event.node(),
            new Expiring(
                active.attempt(),
                active.systemFailures(),
                active.queuedAt(),
                event.expiry(),
                event.error(),
                active.inner().isPresent()));
  }

  private static NodeState retrying(NodeTree tree, WorkflowEvent.NodeRetrying event) {
    var state = tree.node(event.node());
    return switch (state) {
      case Active active ->
          retrying(
              event,
              active.systemFailures(),
              active.queuedAt(),
              isPermitReleased(tree, event, active.inner().isPresent()));
      case Expiring expiring ->
          retrying(
              event,
              expiring.systemFailures(),
              expiring.queuedAt(),
              isPermitReleased(tree, event, expiring.hadSubgraph()));
      case Pending _, Paused _, Requeued _, Ended _ ->
          throw new IllegalStateException("a node can't be retried in state " + state);
    };
  }

  private static NodeState retrying(
      WorkflowEvent.NodeRetrying event,
      int systemFailuresBefore,
      Instant queuedAt,
      boolean permitReleased) {
    var attempt = event.attempt() + 1;
    var systemFailures =
        systemFailuresBefore + (event.error().kind() == ExecutionError.Kind.SYSTEM ? 1 : 0);
    return event.notBefore().isAfter(event.at())
        ? new Paused(attempt, systemFailures, queuedAt, event.notBefore(), permitReleased)
        : next(attempt, systemFailures, queuedAt, permitReleased);
  }

  private static NodeState next(
      int attempt, int systemFailures, Instant queuedAt, boolean permitReleased) {
    return permitReleased
        ? new Requeued(attempt, systemFailures, queuedAt)
        : Active.attempt(attempt, systemFailures, queuedAt);
  }

  private static boolean isPermitReleased(
      NodeTree tree, WorkflowEvent.NodeRetrying event, boolean hadSubgraph) {
    return switch (event.permit()) {
      case KEPT -> false;
      case RELEASED -> true;
      case UNRECORDED -> hadSubgraph && UnrecordedPermits.wasReleased(tree, event.node());
    };
  }

  /** Applies the end of a pause, or the grant of another permit. */
  private static NodeState requeued(NodeState state) {
    return switch (state) {
      case Paused(var attempt, var systemFailures, var queuedAt, _, var permitReleased) ->
          next(attempt, systemFailures, queuedAt, permitReleased);
      case Requeued(var attempt, var systemFailures, var queuedAt) ->
          Active.attempt(attempt, systemFailures, queuedAt);
      case Pending _, Active _, Expiring _, Ended _ ->
          throw new IllegalStateException("a node can't be queued again in state " + state);
    };
  }

  private static NodeTree opened(Header header, NodeTree tree, WorkflowEvent.GraphOpened event) {
    var path = event.node();
    var active = tree.node(path) instanceof Active queued ? queued : Active.first(event.at());
    var started =
        active.running(
            active.progress(),
            active.startedAt().or(() -> Optional.of(event.at())),
            Optional.empty());
    var graph = Graphs.inside(tree.plan(path), event.contents(), header.plans());
    return tree.with(path, started.with(GraphState.opened(graph, event.contents(), event.inputs())))
        .withOpened(graph);
  }

  private static NodeTree ended(
      NodeTree tree, NodePath path, NodePhase phase, int attempt, Values outputs) {
    return tree.with(path, new Ended(phase, attempt, outputs, Optional.empty()));
  }

  private static NodeTree failed(
      NodeTree tree, NodePath path, NodePhase phase, int attempt, ExecutionError error) {
    return tree.with(path, new Ended(phase, attempt, Values.NONE, Optional.of(error))).withError();
  }

  private static Header header(WorkflowState state) {
    return switch (state) {
      case Running running -> running.header();
      case Succeeding succeeding -> succeeding.header();
      case Done done -> done.header();
      case NotStarted _ ->
          throw new IllegalStateException("an execution has no event before its start");
    };
  }

  private static NodeTree tree(WorkflowState state) {
    return switch (state) {
      case Running running -> running.tree();
      case NotStarted _, Succeeding _, Done _ ->
          throw new IllegalStateException(
              "no graph runs in state " + state.getClass().getSimpleName());
    };
  }
}
