package io.turboprop.store;

import io.turboprop.workflow.WorkflowStep;
import java.util.Collection;
import java.util.List;
import org.jooq.DSLContext;

/**
 * The journal and its snapshots, apart from what the journal plugin does with them: reading back
 * what was written, and deleting whole executions. The plugin's own deletion leaves gaps, at which
 * its replay stops silently; so nothing else is ever deleted.
 */
public final class JournalTables {
  private final Database database;

  public JournalTables(Database database) {
    this.database = database;
  }

  /** One row of the journal. */
  public record JournaledStep(long sequenceNumber, WorkflowStep step) {}

  /**
   * The steps of one execution, in order.
   *
   * @param from the first sequence number wanted; they begin with 1
   * @param limit the most steps to be read at once
   * @throws IllegalArgumentException when a step was written by a newer version
   */
  public List<JournaledStep> steps(String persistenceId, long from, int limit) {
    return database
        .sql()
        .fetch(
            """
            select sequence_number, event_ser_manifest, event_payload from event_journal
            where persistence_id = ? and sequence_number >= ?
            order by sequence_number limit ?
            """,
            persistenceId,
            from,
            limit)
        .map(row ->
            new JournaledStep(
                row.get(0, Long.class),
                JournalSerializer.step(row.get(1, String.class), row.get(2, byte[].class))));
  }

  /** The sequence number of the last step; 0 when there is none. */
  public long highestSequenceNumber(String persistenceId) {
    return database
        .sql()
        .fetchSingle(
            "select coalesce(max(sequence_number), 0) from event_journal where persistence_id = ?",
            persistenceId)
        .get(0, Long.class);
  }

  /** Deletes all steps and snapshots of these executions, as part of the caller's transaction. */
  static void delete(DSLContext transaction, Collection<String> persistenceIds) {
    var ids = persistenceIds.toArray(String[]::new);
    transaction.execute("delete from snapshot where persistence_id = any (?)", (Object) ids);
    transaction.execute("delete from event_journal where persistence_id = any (?)", (Object) ids);
  }
}
