package io.turboprop.workflow.decide;

import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Running;

/**
 * The state of an execution with the indexes that decisions use. The state follows from the
 * recorded events; the indexes follow from the state by the present rules.
 */
public record IndexedState(WorkflowState state, Indexes indexes) {

  /**
   * Builds the indexes, for example after a replay; the cost depends on the size of all open
   * graphs.
   */
  public static IndexedState of(WorkflowState state) {
    return new IndexedState(
        state, state instanceof Running running ? IndexBuilder.build(running) : Indexes.NONE);
  }

  /** The state and the indexes after an event; the cost depends on the changes of the event. */
  public IndexedState after(WorkflowEvent event) {
    var next = EventApplier.evolve(state, event);
    return new IndexedState(
        next,
        next instanceof Running running ? IndexUpdates.after(this, event, running) : Indexes.NONE);
  }
}
