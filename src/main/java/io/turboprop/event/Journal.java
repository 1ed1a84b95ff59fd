package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.journal.JournalTables;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.state.WorkflowEvent;
import java.io.IOException;
import java.util.List;

/** Where the steps of an execution can be read again; calls block. */
@FunctionalInterface
public interface Journal {

  /**
   * The steps that follow on one, consecutive and in order.
   *
   * @param after the sequence number before the first one wanted
   * @param limit how many at most
   * @return empty when there are none
   * @throws IOException for reasons that may pass
   */
  List<Step> read(ExecutionId id, long after, int limit) throws IOException;

  /** The journal in the database. */
  static Journal of(JournalTables tables) {
    return (id, after, limit) ->
        tables.steps(WorkflowEntity.persistenceId(id), after + 1, limit).stream()
            .map(step -> new Step(step.sequenceNumber(), step.step().events()))
            .toList();
  }

  /** What was decided at once. */
  record Step(long sequenceNumber, List<WorkflowEvent> events) {

    /** About how much memory it takes. */
    long bytes() {
      return EventWeight.bytes(events);
    }
  }
}
