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

/**
 * The brain of an execution, pure: a command meets the state and becomes events ({@link #decide}),
 * and the state says what should be under way ({@link #outstanding}). This is a table of contents;
 * the rules are in {@code rule}, how an event changes the state in {@link
 * io.turboprop.workflow.state.EventApplier}, what follows from it without anybody's doing in {@link
 * NextEvents}.
 */
public final class WorkflowMachine {

  /**
   * The most events of one turn, some 20 ms of work: then commands that wait are served, aborts
   * first, and other executions.
   */
  public static final int EVENTS_PER_TURN_MAX = 4_000;

  private WorkflowMachine() {}

  /** As {@link #decide(IndexedState, WorkflowCommand, Instant, int)}, for a turn of one command. */
  public static Decision decide(IndexedState execution, WorkflowCommand command, Instant now) {
    return decide(execution, command, now, EVENTS_PER_TURN_MAX);
  }

  /**
   * What a command means, and what follows from it. When {@link #wakeUp} is in the past after that,
   * there is more that follows: the next {@code Tick} brings it.
   *
   * @param eventsMax how many events the turn may still hold; no more follow from the command, but
   *     its own are never cut
   */
  public static Decision decide(
      IndexedState execution, WorkflowCommand command, Instant now, int eventsMax) {
    return switch (execution.state()) {
      case NotStarted _ -> whenNotStarted(execution, command, now, eventsMax);
      case Running running -> whenRunning(execution, running, command, now, eventsMax);
      case Succeeding _ -> whenSucceeding(execution, command, now, eventsMax);
      case Done _ -> whenDone(command);
    };
  }

  /** Everything that workers should do; costs as much as the graphs are large. */
  public static Set<Work.NodeWork> outstanding(WorkflowState state) {
    return Outstanding.all(state);
  }

  /** What should be under way for one node; the part of {@link #outstanding} about it. */
  public static Optional<Work.NodeWork> outstanding(WorkflowState state, NodePath node) {
    return Outstanding.of(state, node);
  }

  /** Whether an event changes what is to be done for every node. */
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
   * What is to be done, in this order, for the nodes that a step has touched, given the state after
   * it; costs as much as the step and the graphs that it has stopped. A step that {@linkplain
   * #stopsEverything stops everything} touches all nodes: then {@link #outstanding} tells.
   */
  public static List<Outstanding.Touched> touched(WorkflowState state, List<WorkflowEvent> step) {
    return Outstanding.touched(state, step);
  }

  /** The nodes that sleep until they are told something; costs as much as the graphs are large. */
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
   * Whether the attempt that a worker runs is not over when there is nothing left to do for it: it
   * sleeps, or the graph inside is walked. A task that has made a graph is over.
   */
  public static boolean attemptContinues(WorkflowState state, Work.NodeWork work) {
    return state instanceof Running running
        && work instanceof Work.RunNode
        && running.tree().find(work.node()).orElse(null) instanceof Active active
        && active.attempt() == work.attempt()
        && active.inner().map(GraphState::contents).stream()
            .noneMatch(WorkflowMachine::endsAttempt);
  }

  /** Whether what made a graph has to be cleaned up once the graph is there. */
  private static boolean endsAttempt(Subgraph contents) {
    return switch (contents) {
      case Subgraph.Dynamic _ -> true;
      case Subgraph.SubWorkflow _, Subgraph.BranchArm _, Subgraph.ArrayElements _ -> false;
    };
  }

  /** Whether nothing will be done for a node any more, or for this attempt of those around it. */
  public static boolean isOver(WorkflowState state, NodePath node) {
    return !(state instanceof Running running)
        || running.tree().find(node).map(NodeState.Ended.class::isInstance).orElse(true);
  }

  /** When a {@code Tick} is due; empty when no moment is waited for. */
  public static Optional<Instant> wakeUp(IndexedState execution) {
    return Outstanding.wakeUp(execution);
  }

  private static Decision whenNotStarted(
      IndexedState execution, WorkflowCommand command, Instant now, int eventsMax) {
    return switch (command) {
      case Start start ->
          accept(
              execution,
              new Started(start.planDigest(), start.inputs(), start.settings(), now),
              now,
              eventsMax);
      case Abort _ -> new Reject(Reason.NOT_STARTED, "the execution has not been started");
      case NodeReport _, LookAgain _, Tick _ -> Decision.IGNORE;
    };
  }

  private static Decision whenRunning(
      IndexedState execution, Running state, WorkflowCommand command, Instant now, int eventsMax) {
    return switch (command) {
      case Start _ -> new Reject(Reason.ALREADY_STARTED, "the execution has been started");
      case Abort abort -> abort(execution, state, abort, now, eventsMax);
      case Tick _ -> accept(execution, Alarms.due(state, execution.indexes(), now), now, eventsMax);
      case LookAgain(var nodes) ->
          accept(execution, Alarms.told(state, nodes, now), now, eventsMax);
      case NodeReport report when !isCurrent(state, report) -> Decision.IGNORE;
      case NodeReport report ->
          accept(execution, ReportHandling.eventsFor(state, report, now), now, eventsMax);
    };
  }

  private static Decision whenSucceeding(
      IndexedState execution, WorkflowCommand command, Instant now, int eventsMax) {
    return switch (command) {
      case Start _ -> new Reject(Reason.ALREADY_STARTED, "the execution has been started");
      case Abort _ -> new Reject(Reason.ALREADY_ENDED, "the execution has succeeded");
      case Tick _ -> accept(execution, List.of(), now, eventsMax);
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

  /** One that has failed already ends as it is, unless its failure node is still to be run. */
  private static Decision abort(
      IndexedState execution, Running state, Abort abort, Instant now, int eventsMax) {
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
            execution, new WorkflowEvent.Aborting(Texts.cause(abort.cause()), now), now, eventsMax)
        : Decision.IGNORE;
  }

  /**
   * A report counts if it is about the attempt that the state knows, in a phase that can hear it.
   */
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
      IndexedState before, WorkflowEvent event, Instant now, int eventsMax) {
    return accept(before, List.of(event), now, eventsMax);
  }

  /** Records what happened and all that follows from it, to a bound. */
  private static Decision accept(
      IndexedState before, List<WorkflowEvent> facts, Instant now, int eventsMax) {
    var events = new ArrayList<WorkflowEvent>();
    var after = before;
    for (var fact : facts) {
      events.add(fact);
      after = after.after(fact);
    }
    var next = NextEvents.next(after, now);
    while (next.isPresent() && events.size() < eventsMax) {
      events.add(next.orElseThrow());
      after = after.after(next.orElseThrow());
      next = NextEvents.next(after, now);
    }
    return new Accept(List.copyOf(events), after);
  }
}
