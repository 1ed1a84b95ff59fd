package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reconciles an execution with its state: a worker for each attempt to run or to stop, and the
 * alarm for the next due time.
 */
final class Reconciliation<R> {
  private final NodeWorkers<R> workers;
  private final Consumer<Optional<Instant>> alarm;
  private WorkflowState latest = new NotStarted(LoadedPlans.NONE);

  /**
   * @param alarm sets the alarm, or clears it
   */
  Reconciliation(NodeWorkers.WorkerSpawner<R> spawner, Consumer<Optional<Instant>> alarm) {
    this.workers =
        new NodeWorkers<>(spawner, work -> WorkflowMachine.attemptContinues(latest, work));
    this.alarm = alarm;
  }

  NodeWorkers<R> workers() {
    return workers;
  }

  /** Reconciles all nodes; the cost depends on the size of all open graphs. */
  void whole(AcceptedExecution execution, WorkflowState state, Optional<Instant> wakeUp) {
    latest = state;
    var assignments = new ArrayList<Assignment>();
    for (var work : WorkflowMachine.outstanding(state)) {
      assignments.add(Assignments.of(execution, state, work));
    }
    workers.reconcile(assignments);
    alarm.accept(wakeUp);
  }

  /** Reconciles the nodes whose work the events of a step may have changed. */
  void after(
      List<WorkflowEvent> events,
      AcceptedExecution execution,
      WorkflowState state,
      Optional<Instant> wakeUp) {
    if (events.stream().anyMatch(WorkflowMachine::stopsEverything)) {
      whole(execution, state, wakeUp);
      return;
    }
    latest = state;
    WorkflowMachine.touched(state, events)
        .forEach(touched ->
            workers.reconcile(
                touched.node(),
                touched.work().map(work -> Assignments.of(execution, state, work))));
    alarm.accept(wakeUp);
  }
}
