package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.journal.JournalTables;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.state.WorkflowEvent;
import java.io.IOException;
import java.util.List;

/** Reads the stored steps of an execution; calls block. */
@FunctionalInterface
public interface Journal {

  /**
   * The steps after a sequence number, consecutive and in order.
   *
   * @param after the sequence number before the first wanted step
   * @param limit the most steps to return
   * @return the steps; empty when none follows
   * @throws IOException when the journal can't be read now; the caller may retry
   */
  List<Step> read(ExecutionId id, long after, int limit) throws IOException;

  /** The journal in the database. */
  static Journal of(JournalTables tables) {
    return (id, after, limit) ->
        tables.steps(WorkflowEntity.persistenceId(id), after + 1, limit).stream()
            .map(step -> new Step(step.sequenceNumber(), step.step().events()))
            .toList();
  }

  /** A stored step: the events of one write. */
  record Step(long sequenceNumber, List<WorkflowEvent> events) {

    /** About how much memory the step takes. */
    long bytes() {
      return EventWeight.bytes(events);
    }
  }
}
