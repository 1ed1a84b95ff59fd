package io.turboprop.journal;

import io.turboprop.journal.v1.State;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.WorkflowState;
import org.apache.pekko.persistence.typed.SnapshotAdapter;

/** Converts between an execution's state and its snapshot. */
public final class WorkflowSnapshots implements SnapshotAdapter<WorkflowState> {
  private final Plans plans;

  /**
   * @param plans hold the plans of all executions whose snapshots are read
   */
  public WorkflowSnapshots(Plans plans) {
    this.plans = plans;
  }

  @Override
  public Object toJournal(WorkflowState state) {
    return WorkflowStateCodec.encode(state);
  }

  @Override
  public WorkflowState fromJournal(Object stored) {
    if (stored instanceof State state) {
      return WorkflowStateCodec.decode(state, plans);
    }
    throw new IllegalArgumentException("not a snapshot: " + stored.getClass().getName());
  }
}
