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
  private final Statements statements;

  public JournalTables(Database database) {
    this.statements = new Statements(database);
  }

  /** One row of the journal. */
  public record JournaledStep(long sequenceNumber, WorkflowStep step) {}

  /**
   * The steps of one execution, in order.
   *
   * @param from the first sequence number wanted; they begin with 1
   * @param limit the most steps to be read at once
   * @throws IllegalArgumentException when a step was written by a newer version
   * @throws StoreException when the database does not answer, or refuses
   */
  public List<JournaledStep> steps(String persistenceId, long from, int limit) {
    return statements.list(
        """
        select sequence_number, event_ser_manifest, event_payload from event_journal
        where persistence_id = ? and sequence_number >= ?
        order by sequence_number limit ?
        """,
        parameters -> {
          parameters.setString(1, persistenceId);
          parameters.setLong(2, from);
          parameters.setInt(3, limit);
        },
        row ->
            new JournaledStep(
                row.number("sequence_number"),
                JournalSerializer.step(
                    row.text("event_ser_manifest"), row.bytes("event_payload").toByteArray())));
  }

  /** Deletes all steps and snapshots of these executions, as part of the caller's transaction. */
  static void delete(DSLContext transaction, Collection<String> persistenceIds) {
    var ids = persistenceIds.toArray(String[]::new);
    transaction.execute("delete from snapshot where persistence_id = any (?)", (Object) ids);
    transaction.execute("delete from event_journal where persistence_id = any (?)", (Object) ids);
  }
}
