package io.turboprop.flyteadmin;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.event.Event.WorkflowExecutionEvent;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Layout;
import io.turboprop.data.NodePath;
import io.turboprop.event.Journal.Step;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.RowChanges;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.RowChange;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Maps the steps of one execution to the events that FlytePropeller would send, in an order that
 * FlyteAdmin accepts: a node before its attempts and before the nodes inside it, each phase of a
 * node once, the end last.
 *
 * <p>The events follow from the steps alone: the same steps in the same order give the same events,
 * after a crash too, so that a position in them can be recorded. What an event says comes from
 * {@link RowChanges}, the changes of the rows that our own clients read. Not thread-safe. A call
 * may block if a plan is not in memory.
 */
final class ExecutionEvents {
  private final AcceptedExecution execution;
  private final Plan plan;
  private final Context context;
  private final WorkflowExecutionIdentifier id;
  private final NodeEvents nodes;
  private final AttemptEvents attempts;
  private final Set<WorkflowExecution.Phase> phases = EnumSet.noneOf(WorkflowExecution.Phase.class);
  private boolean ended;

  /**
   * The values that the events of all executions share.
   *
   * @param producer the name of this engine for FlyteAdmin: the name of its cluster ({@code
   *     producer_id})
   * @param closures the compiled workflow of a plan, by the plan's digest
   * @param linksChildren whether FlyteAdmin knows the executions that launch plan nodes start
   */
  record Context(
      String producer,
      PlanNodes planNodes,
      Function<String, CompiledWorkflowClosure> closures,
      Layout layout,
      boolean linksChildren) {}

  ExecutionEvents(AcceptedExecution execution, Plan plan, Context context) {
    this.execution = execution;
    this.plan = plan;
    this.context = context;
    this.id = EventMessages.executionId(execution.id());
    this.nodes = new NodeEvents(execution, plan, context, id);
    this.attempts = new AttemptEvents(execution.id(), context.producer(), id);
  }

  /** Whether the execution has ended with the steps so far. */
  boolean hasEnded() {
    return ended;
  }

  /** The size in memory, counted in nodes and attempts. */
  int size() {
    return 1 + nodes.size() + attempts.size();
  }

  /** The events of the next step, in the order in which they are to be sent. */
  List<FlyteEvent> next(Step step) {
    var events = new ArrayList<FlyteEvent>();
    for (var event : step.events()) {
      var changes =
          RowChanges.of(
              execution, plan, context.planNodes(), step.sequenceNumber(), List.of(event));
      // The start of the execution comes before its first node; the end, and all else, after the
      // nodes.
      if (event instanceof WorkflowEvent.Started) {
        addWorkflow(events, changes, event.at());
      }
      if (event instanceof WorkflowEvent.NodeEvent || event instanceof WorkflowEvent.Started) {
        addNodes(events, changes, event);
      } else {
        attempts.addElements(events);
        addWorkflow(events, changes, event.at());
      }
    }
    attempts.addElements(events);
    return events;
  }

  private void addWorkflow(List<FlyteEvent> events, List<RowChange> changes, Instant at) {
    for (var change : changes) {
      if (change instanceof ExecutionChange own && own.phase() instanceof Integer number) {
        var phase = WorkflowExecution.Phase.forNumber(number);
        // FlyteAdmin has recorded the abort itself, and accepts only the event ABORTED.
        if (phase != WorkflowExecution.Phase.ABORTING && phases.add(phase)) {
          events.add(workflow(own, phase, at));
        }
        ended |= own.ended();
      }
    }
  }

  private FlyteEvent workflow(ExecutionChange change, WorkflowExecution.Phase phase, Instant at) {
    var event =
        WorkflowExecutionEvent.newBuilder()
            .setExecutionId(id)
            .setProducerId(context.producer())
            .setPhase(phase)
            .setOccurredAt(EventMessages.timestamp(at));
    if (change.error() instanceof ExecutionError error) {
      event.setError(EventMessages.error(error));
    }
    return new FlyteEvent.ExecutionEvent(event.build(), Optional.ofNullable(change.outputs()));
  }

  /** Adds the events of one node: of itself, of its attempt, and of the start node inside it. */
  private void addNodes(List<FlyteEvent> events, List<RowChange> changes, WorkflowEvent event) {
    var nodeChanges = new ArrayList<NodeExecutionChange>();
    var attemptChanges = new ArrayList<TaskExecutionChange>();
    for (var change : changes) {
      switch (change) {
        case ExecutionChange _ -> {}
        case NodeExecutionChange node -> nodeChanges.add(node);
        case TaskExecutionChange attempt -> attemptChanges.add(attempt);
        case ArrayElementChange element -> attempts.collect(element, arrayPath(event));
      }
    }
    if (nodeChanges.isEmpty()) {
      attemptChanges.forEach(attempt -> attempts.add(events, attempt, event, Optional.empty()));
      return;
    }
    var node = nodeChanges.removeFirst();
    nodes.begin(events, node, event);
    if (!NodeEvents.hasEnded(node)) {
      nodes.add(events, node, event);
    }
    attemptChanges.forEach(attempt -> attempts.add(events, attempt, event, Optional.of(node)));
    nodes.add(events, node, event);
    nodeChanges.forEach(inside -> nodes.add(events, inside, event));
  }

  private static NodePath arrayPath(WorkflowEvent event) {
    return ((WorkflowEvent.NodeEvent) event).node().parent().orElseThrow();
  }
}
