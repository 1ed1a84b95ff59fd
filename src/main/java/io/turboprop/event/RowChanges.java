package io.turboprop.event;

import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.RowChange;
import io.turboprop.store.Timestamps;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * The changes that a step of an execution makes in the rows that clients read. Phases and times are
 * those that FlytePropeller would send to FlyteAdmin.
 */
public final class RowChanges {
  private RowChanges() {}

  /**
   * The changes of one step, in order; the first changes the execution's own row.
   *
   * @param sequenceNumber the step's number in the journal
   */
  public static List<RowChange> of(
      AcceptedExecution execution,
      Plan plan,
      PlanNodes planNodes,
      long sequenceNumber,
      List<WorkflowEvent> step) {
    var at = step.isEmpty() ? execution.acceptedAt() : step.getLast().at();
    var own = ExecutionChange.step(execution.number(), sequenceNumber, at);
    var changes = new ArrayList<RowChange>();
    for (var event : step) {
      own = after(own, planNodes, event);
      addNodes(changes, execution.number(), plan, planNodes, event);
    }
    changes.addFirst(own);
    return changes;
  }

  private static ExecutionChange after(
      ExecutionChange change, PlanNodes planNodes, WorkflowEvent event) {
    var at = event.at();
    var now = new Timestamps(null, null, at, null);
    return switch (event) {
      case WorkflowEvent.Started _ ->
          change.with(WorkflowExecution.Phase.RUNNING_VALUE, new Timestamps(null, at, at, null));
      case WorkflowEvent.Succeeding _ -> change.with(WorkflowExecution.Phase.SUCCEEDING_VALUE, now);
      case WorkflowEvent.Succeeded(var outputs, _) ->
          change.ended(WorkflowExecution.Phase.SUCCEEDED_VALUE, at).with(outputs);
      case WorkflowEvent.Failing(var error, _) ->
          change.with(WorkflowExecution.Phase.FAILING_VALUE, now).with(error);
      case WorkflowEvent.Failed(var error, _) ->
          change.ended(WorkflowExecution.Phase.FAILED_VALUE, at).with(error);
      case WorkflowEvent.Aborting(var cause, _) ->
          change.with(WorkflowExecution.Phase.ABORTING_VALUE, now).aborted(cause);
      case WorkflowEvent.Aborted(var cause, _) ->
          change.ended(WorkflowExecution.Phase.ABORTED_VALUE, at).aborted(cause);
      case WorkflowEvent.GraphOpened opened -> change.made(made(planNodes, opened.contents()));
      case NodeEvent _ -> change;
    };
  }

  /** How many nodes a graph has that is not part of the plan of the node around it. */
  private static long made(PlanNodes planNodes, Subgraph contents) {
    return switch (contents) {
      case Subgraph.Dynamic(var digest) -> planNodes.size(digest);
      case Subgraph.ArrayElements(var size) -> size;
      case Subgraph.SubWorkflow _, Subgraph.BranchArm _ -> 0;
    };
  }

  private static void addNodes(
      List<RowChange> changes, long number, Plan plan, PlanNodes planNodes, WorkflowEvent event) {
    switch (event) {
      case WorkflowEvent.Started started -> changes.add(NodeRowChanges.start(number, started));
      case NodeEvent node -> changes.addAll(NodeRowChanges.of(number, plan, planNodes, node));
      case WorkflowEvent.Succeeding _,
          WorkflowEvent.Succeeded _,
          WorkflowEvent.Failing _,
          WorkflowEvent.Failed _,
          WorkflowEvent.Aborting _,
          WorkflowEvent.Aborted _ -> {}
    }
  }
}
