package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Propagation;
import io.turboprop.workflow.plan.Graphs;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeState.Expiring;
import io.turboprop.workflow.state.NodeState.NodePhase;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeState.Ready;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.NodeState.Waiting;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.Header;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Outcome;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.turboprop.workflow.state.WorkflowState.Succeeding;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How facts change the state. Copies only: whatever was stored can be replayed. What a change means
 * for the nodes and graphs around it is in {@link Propagation}.
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
      throw new IllegalStateException("started twice: " + event.planDigest());
    }
    var plan = plans.plan(event.planDigest());
    var header = new Header(plan, plans, event.inputs(), event.settings(), event.at());
    return new Running(
        header,
        Propagation.begun(
            NodeTree.opened(plan.root(), event.inputs()), Optional.empty(), event.settings()));
  }

  private static WorkflowState stopped(WorkflowState state, Stop reason) {
    return new Running(header(state), Propagation.stopped(tree(state), reason));
  }

  private static NodeTree node(Header header, NodeTree tree, NodeEvent event) {
    var path = event.node();
    return switch (event) {
      case WorkflowEvent.NodeQueued e -> begin(header, tree, path, Active.first(e.at()));
      case WorkflowEvent.NodeSkipped _ ->
          ended(header, tree, path, NodePhase.SKIPPED, 0, Values.NONE, null);
      case WorkflowEvent.GraphOpened e -> opened(header, tree, e);
      case WorkflowEvent.GraphEnded _ ->
          tree.with(path, ((Active) tree.node(path)).asFinishing())
              .withGraphsToComplete(tree.graphsToComplete().remove(path));
      case WorkflowEvent.GraphFailing e ->
          Propagation.stopped(tree, path, new Stop.Failed(e.error()));
      case WorkflowEvent.NodeRunning e -> tree.with(path, running((Active) tree.node(path), e));
      case WorkflowEvent.NodeAwoken _ -> tree.with(path, awoken((Active) tree.node(path)));
      case WorkflowEvent.NodeExpired e -> expired(tree, e);
      case WorkflowEvent.NodeRetrying e ->
          Propagation.queued(
              tree.withGraphsToComplete(tree.graphsToComplete().remove(path)),
              path,
              retrying(tree, e));
      case WorkflowEvent.NodeRequeued _ -> requeued(tree, path);
      case WorkflowEvent.NodeSucceeded e ->
          ended(header, tree, path, NodePhase.SUCCEEDED, e.attempt(), e.outputs(), null);
      case WorkflowEvent.NodeRecovered e ->
          ended(header, tree, path, NodePhase.RECOVERED, e.attempt(), e.outputs(), null);
      case WorkflowEvent.NodeFailed e ->
          ended(header, tree, path, NodePhase.FAILED, e.attempt(), Values.NONE, e.error());
      case WorkflowEvent.NodeTimedOut e ->
          ended(header, tree, path, NodePhase.TIMED_OUT, e.attempt(), Values.NONE, e.error());
      case WorkflowEvent.NodeAborted e ->
          ended(header, tree, path, NodePhase.ABORTED, e.attempt(), Values.NONE, null);
    };
  }

  /** The first attempt of a node that waited. */
  private static NodeTree begin(Header header, NodeTree tree, NodePath path, Active active) {
    var begun = admitted(tree, path).with(path, active);
    return Propagation.fed(begun, path.parent(), header.settings());
  }

  /** Takes a node that was ready out of the queue; only the first is ever taken. */
  private static NodeTree admitted(NodeTree tree, NodePath path) {
    return tree.node(path) instanceof Ready ? tree.withoutHead() : tree;
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

  /** What has a graph inside goes on until nothing of it runs any more. */
  private static NodeTree expired(NodeTree tree, WorkflowEvent.NodeExpired event) {
    var active = (Active) tree.node(event.node());
    return active.hasRunningSubgraph()
        ? Propagation.stopped(tree, event.node(), new Stop.Expired(event.expiry(), event.error()))
        : tree.with(
            event.node(),
            new Expiring(
                active.attempt(),
                active.systemFailures(),
                active.queuedAt(),
                event.expiry(),
                event.error(),
                tree.isDisplaced(event.node(), active)));
  }

  private static NodeState retrying(NodeTree tree, WorkflowEvent.NodeRetrying event) {
    var state = tree.node(event.node());
    var system = event.error().kind() == ExecutionError.Kind.SYSTEM ? 1 : 0;
    return switch (state) {
      case Active active ->
          again(
              event,
              active.systemFailures() + system,
              active.queuedAt(),
              tree.isDisplaced(event.node(), active));
      case Expiring expiring ->
          again(
              event, expiring.systemFailures() + system, expiring.queuedAt(), expiring.displaced());
      case Waiting _, Ready _, Paused _, Requeued _, Ended _ ->
          throw new IllegalStateException("tried again in " + state);
    };
  }

  private static NodeState again(
      WorkflowEvent.NodeRetrying event, int systemFailures, Instant queuedAt, boolean displaced) {
    var attempt = event.attempt() + 1;
    return event.notBefore().isAfter(event.at())
        ? new Paused(attempt, systemFailures, queuedAt, event.notBefore(), displaced)
        : next(attempt, systemFailures, queuedAt, displaced);
  }

  private static NodeState next(
      int attempt, int systemFailures, Instant queuedAt, boolean displaced) {
    return displaced
        ? new Requeued(attempt, systemFailures, queuedAt)
        : Active.attempt(attempt, systemFailures, queuedAt);
  }

  /** The pause is over, or the node has a place again. */
  private static NodeTree requeued(NodeTree tree, NodePath path) {
    var state = tree.node(path);
    return switch (state) {
      case Paused(var attempt, var systemFailures, var queuedAt, _, var displaced) ->
          Propagation.queued(tree, path, next(attempt, systemFailures, queuedAt, displaced));
      case Requeued(var attempt, var systemFailures, var queuedAt) ->
          tree.withoutHead().with(path, Active.attempt(attempt, systemFailures, queuedAt));
      case Waiting _, Ready _, Active _, Expiring _, Ended _ ->
          throw new IllegalStateException("queued again in " + state);
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
    var state = GraphState.opened(graph, event.contents(), event.inputs());
    return Propagation.begun(
        begin(header, tree, path, started.with(state)), Optional.of(path), header.settings());
  }

  private static NodeTree ended(
      Header header,
      NodeTree tree,
      NodePath path,
      NodePhase phase,
      int attempt,
      Values outputs,
      @Nullable ExecutionError error) {
    var state = new Ended(phase, attempt, outputs, Optional.ofNullable(error));
    var after =
        admitted(tree, path)
            .with(path, state)
            .withGraphsToComplete(tree.graphsToComplete().remove(path));
    return Propagation.ended(after, path, header.settings());
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
