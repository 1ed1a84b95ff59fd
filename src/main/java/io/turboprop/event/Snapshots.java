package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.journal.JournalTables;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.WorkflowState;
import java.io.IOException;
import java.util.Optional;

/** Reads the stored snapshots of executions; calls block. */
@FunctionalInterface
public interface Snapshots {

  /**
   * The newest snapshot of an execution; empty if none was taken.
   *
   * @param plans hold the plans of the execution
   * @throws IOException when the snapshot can't be read now; the caller may retry
   */
  Optional<Snapshot> newest(ExecutionId id, Plans plans) throws IOException;

  /** The snapshots in the database. */
  static Snapshots of(JournalTables tables) {
    return (id, plans) ->
        tables
            .newestSnapshot(WorkflowEntity.persistenceId(id), plans)
            .map(taken -> new Snapshot(taken.sequenceNumber(), taken.state()));
  }

  /** The state of an execution after the step with this sequence number. */
  record Snapshot(long sequenceNumber, WorkflowState state) {}
}
