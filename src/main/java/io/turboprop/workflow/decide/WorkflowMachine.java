package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Decision.Accept;
import io.turboprop.workflow.decide.Decision.Reason;
import io.turboprop.workflow.decide.Decision.Reject;
import io.turboprop.workflow.decide.WorkflowCommand.Abort;
import io.turboprop.workflow.decide.WorkflowCommand.LookAgain;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.WorkflowCommand.Start;
import io.turboprop.workflow.decide.WorkflowCommand.Tick;
import io.turboprop.workflow.decide.rule.Texts;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Expiring;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Started;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.turboprop.workflow.state.WorkflowState.Succeeding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * The state machine of an execution, pure. It decides which events follow from a command ({@link
 * #decide}), and derives the work that should be under way ({@link #outstanding}). The rules are in
 * {@code rule}. {@link io.turboprop.workflow.state.EventApplier} applies an event to the state.
 * {@link NextEvents} derives the events that follow without a further command.
 */
public final class WorkflowMachine {

  /**
   * The most events of one turn. After a turn, waiting commands are served, aborts first, and so
   * are other executions. The entity bounds the time of a turn as well.
   */
  public static final int EVENTS_PER_TURN_MAX = 4_000;

  private WorkflowMachine() {}

  /**
   * As {@link #decide(IndexedState, WorkflowCommand, Instant, IntPredicate)}, for a turn of one
   * command.
   */
  public static Decision decide(IndexedState execution, WorkflowCommand command, Instant now) {
    return decide(execution, command, now, events -> events < EVENTS_PER_TURN_MAX);
  }

  /**
   * Decides the events of a command and the events that follow from them. If {@link #wakeUp} is in
   * the past afterwards, further events follow: the next {@code Tick} decides them, and they are
   * the same as in a longer turn.
   *
   * @param hasRoom whether the turn may have another event after this many events of the command.
   *     It bounds the events that follow, not the command's own events.
   */
  public static Decision decide(
      IndexedState execution, WorkflowCommand command, Instant now, IntPredicate hasRoom) {
    return switch (execution.state()) {
      case NotStarted _ -> whenNotStarted(execution, command, now, hasRoom);
      case Running running -> whenRunning(execution, running, command, now, hasRoom);
      case Succeeding _ -> whenSucceeding(execution, command, now, hasRoom);
      case Done _ -> whenDone(command);
    };
  }

  /** All work of an execution; the cost depends on the size of all open graphs. */
  public static Set<Work.NodeWork> outstanding(WorkflowState state) {
    return Outstanding.all(state);
  }

  /** The work of one node; the part of {@link #outstanding} about it. */
  public static Optional<Work.NodeWork> outstanding(WorkflowState state, NodePath node) {
    return Outstanding.of(state, node);
  }

  /** Whether an event changes the work of every node. */
  public static boolean stopsEverything(WorkflowEvent event) {
    return switch (event) {
      case WorkflowEvent.Failing _,
          WorkflowEvent.Failed _,
          WorkflowEvent.Aborting _,
          WorkflowEvent.Aborted _ ->
          true;
      case WorkflowEvent.Started _,
          WorkflowEvent.Succeeding _,
          WorkflowEvent.Succeeded _,
          WorkflowEvent.NodeEvent _ ->
          false;
    };
  }

  /**
   * The work of the nodes that a step has touched, in order, in the state after the step. The cost
   * depends on the step and the graphs that it has stopped. If a step {@linkplain #stopsEverything
   * stops everything}, it touches all nodes: use {@link #outstanding} then.
   */
  public static List<Outstanding.Touched> touched(WorkflowState state, List<WorkflowEvent> step) {
    return Outstanding.touched(state, step);
  }

  /**
   * The nodes that sleep until they are notified; the cost depends on the size of all open graphs.
   */
  public static List<NodePath> sleepers(WorkflowState state) {
    return Outstanding.sleepers(state);
  }

  /** Whether a node sleeps. */
  public static boolean sleeps(WorkflowState state, NodePath node) {
    return state instanceof Running running
        && running.tree().find(node).orElse(null) instanceof Active active
        && active.sleepsUntil().isPresent();
  }

  /**
   * Whether an attempt continues though its worker has no work left: it sleeps, or the graph inside
   * runs. The attempt of a task that has made a graph does not continue.
   */
  public static boolean attemptContinues(WorkflowState state, Work.NodeWork work) {
    return state instanceof Running running
        && work instanceof Work.RunNode
        && running.tree().find(work.node()).orElse(null) instanceof Active active
        && active.attempt() == work.attempt()
        && active.inner().map(GraphState::contents).stream()
            .noneMatch(WorkflowMachine::endsAttempt);
  }

  /**
   * Whether the attempt that made a graph ends when the graph opens, so that its worker cleans up.
   */
  private static boolean endsAttempt(Subgraph contents) {
    return switch (contents) {
      case Subgraph.Dynamic _ -> true;
      case Subgraph.SubWorkflow _, Subgraph.BranchArm _, Subgraph.ArrayElements _ -> false;
    };
  }

  /** Whether a node has ended, or the attempt of a node around it has. */
  public static boolean isOver(WorkflowState state, NodePath node) {
    return !(state instanceof Running running)
        || running.tree().find(node).map(NodeState.Ended.class::isInstance).orElse(true);
  }

  /** The time at which a {@code Tick} is due; empty if no alarm is set. */
  public static Optional<Instant> wakeUp(IndexedState execution) {
    return Outstanding.wakeUp(execution);
  }

  private static Decision whenNotStarted(
      IndexedState execution, WorkflowCommand command, Instant now, IntPredicate hasRoom) {
    return switch (command) {
      case Start start ->
          accept(
              execution,
              new Started(start.planDigest(), start.inputs(), start.settings(), now),
              now,
              hasRoom);
      case Abort _ -> new Reject(Reason.NOT_STARTED, "the execution has not been started");
      case NodeReport _, LookAgain _, Tick _ -> Decision.IGNORE;
    };
  }

  private static Decision whenRunning(
      IndexedState execution,
      Running state,
      WorkflowCommand command,
      Instant now,
      IntPredicate hasRoom) {
    return switch (command) {
      case Start _ -> new Reject(Reason.ALREADY_STARTED, "the execution has been started");
      case Abort abort -> abort(execution, state, abort, now, hasRoom);
      case Tick _ -> accept(execution, Alarms.due(state, execution.indexes(), now), now, hasRoom);
      case LookAgain(var nodes) ->
          accept(execution, Alarms.awoken(state, nodes, now), now, hasRoom);
      case NodeReport report when !isCurrent(state, report) -> Decision.IGNORE;
      case NodeReport report ->
          accept(execution, ReportHandling.eventsFor(state, report, now), now, hasRoom);
    };
  }

  private static Decision whenSucceeding(
      IndexedState execution, WorkflowCommand command, Instant now, IntPredicate hasRoom) {
    return switch (command) {
      case Start _ -> new Reject(Reason.ALREADY_STARTED, "the execution has been started");
      case Abort _ -> new Reject(Reason.ALREADY_ENDED, "the execution has succeeded");
      case Tick _ -> accept(execution, List.of(), now, hasRoom);
      case NodeReport _, LookAgain _ -> Decision.IGNORE;
    };
  }

  private static Decision whenDone(WorkflowCommand command) {
    return switch (command) {
      case Start _ -> new Reject(Reason.ALREADY_STARTED, "the execution has been started");
      case Abort _ -> new Reject(Reason.ALREADY_ENDED, "the execution has ended");
      case NodeReport _, LookAgain _, Tick _ -> Decision.IGNORE;
    };
  }

  /**
   * Decides an abort. An execution that has failed already ends as failed, unless its failure node
   * still has to run.
   */
  private static Decision abort(
      IndexedState execution, Running state, Abort abort, Instant now, IntPredicate hasRoom) {
    var root = state.tree().root();
    var mayBeStopped =
        switch (root.stop().orElse(null)) {
          case null -> true;
          case Stop.Failed _ ->
              root.failureNode().filter(node -> !(node instanceof NodeState.Ended)).isPresent();
          case Stop.Aborted _, Stop.Expired _ -> false;
        };
    return mayBeStopped
        ? accept(
            execution, new WorkflowEvent.Aborting(Texts.cause(abort.cause()), now), now, hasRoom)
        : Decision.IGNORE;
  }

  /** Whether a report is about the current attempt of its node, in a phase that accepts it. */
  private static boolean isCurrent(Running state, NodeReport report) {
    var node = state.tree().find(report.node());
    return node.isPresent()
        && switch (node.orElseThrow()) {
          case Active active -> active.attempt() == report.attempt();
          case Expiring expiring -> expiring.attempt() == report.attempt();
          case Paused paused ->
              paused.attempt() == report.attempt() && report instanceof NodeReport.Aborted;
          case Requeued requeued ->
              requeued.attempt() == report.attempt() && report instanceof NodeReport.Aborted;
          case NodeState.Pending _, NodeState.Ended _ -> false;
        };
  }

  private static Decision accept(
      IndexedState before, WorkflowEvent event, Instant now, IntPredicate hasRoom) {
    return accept(before, List.of(event), now, hasRoom);
  }

  /** Accepts events and adds the events that follow from them, up to a bound. */
  private static Decision accept(
      IndexedState before, List<WorkflowEvent> facts, Instant now, IntPredicate hasRoom) {
    var events = new ArrayList<WorkflowEvent>();
    var after = before;
    for (var fact : facts) {
      events.add(fact);
      after = after.after(fact);
    }
    var next = NextEvents.next(after, now);
    while (next.isPresent() && hasRoom.test(events.size())) {
      events.add(next.orElseThrow());
      after = after.after(next.orElseThrow());
      next = NextEvents.next(after, now);
    }
    return new Accept(List.copyOf(events), after);
  }
}
