package io.turboprop.console;

import io.turboprop.data.ExecutionId;
import io.turboprop.event.Journal;
import io.turboprop.event.Snapshots;
import io.turboprop.event.Snapshots.Snapshot;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowState;
import java.io.IOException;

/** Reads the state of an execution: its newest snapshot, and the steps after it. */
final class StateReader {
  private static final int STEPS_PER_QUERY = 100;

  /** The most steps that are read; far more than the engine writes between two snapshots. */
  private static final int STEPS_MAX = 50_000;

  private final Snapshots snapshots;
  private final Journal journal;
  private final Plans plans;

  StateReader(Snapshots snapshots, Journal journal, Plans plans) {
    this.snapshots = snapshots;
    this.journal = journal;
    this.plans = plans;
  }

  /**
   * A state of an execution.
   *
   * @param sequenceNumber the number of the last step that has made it; 0 if there was none
   * @param isCurrent whether the execution had recorded no further step
   */
  record ReadState(WorkflowState state, long sequenceNumber, boolean isCurrent) {}

  /** The state of an execution; blocks. */
  ReadState read(ExecutionId id) throws IOException {
    var snapshot =
        snapshots
            .newest(id, plans)
            .orElseGet(() -> new Snapshot(0, new WorkflowState.NotStarted(plans)));
    var state = snapshot.state();
    var last = snapshot.sequenceNumber();
    var steps = journal.read(id, last, STEPS_PER_QUERY);
    while (!steps.isEmpty() && last - snapshot.sequenceNumber() < STEPS_MAX) {
      for (var step : steps) {
        for (var event : step.events()) {
          state = EventApplier.evolve(state, event);
        }
      }
      last = steps.getLast().sequenceNumber();
      steps = journal.read(id, last, STEPS_PER_QUERY);
    }
    return new ReadState(state, last, steps.isEmpty());
  }
}
