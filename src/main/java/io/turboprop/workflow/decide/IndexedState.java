package io.turboprop.workflow.decide;

import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Running;

/**
 * The state of an execution, and the indexes that decisions look things up in. The state is what
 * happened; the indexes follow from it and today's rules.
 */
public record IndexedState(WorkflowState state, Indexes indexes) {

  /** Builds the indexes, e.g. after a replay; costs as much as the graphs are large. */
  public static IndexedState of(WorkflowState state) {
    return new IndexedState(
        state, state instanceof Running running ? IndexBuilder.build(running) : Indexes.NONE);
  }

  /** The state after an event, and its indexes; costs as much as the event changes. */
  public IndexedState after(WorkflowEvent event) {
    var next = EventApplier.evolve(state, event);
    return new IndexedState(
        next,
        next instanceof Running running ? IndexUpdates.after(this, event, running) : Indexes.NONE);
  }
}
