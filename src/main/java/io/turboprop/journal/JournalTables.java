package io.turboprop.journal;

import io.turboprop.journal.JournalStatements.Range;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.Database;
import io.turboprop.store.Statements;
import io.turboprop.workflow.state.WorkflowStep;
import java.sql.SQLException;
import java.util.List;

/**
 * The journal and its snapshots, apart from what the journal plugin does with them: reading back
 * what was written, and deleting whole executions. The plugin's own deletion leaves gaps, at which
 * its replay stops silently; so nothing else is ever deleted.
 */
public final class JournalTables {
  private final JournalStatements statements;

  public JournalTables(Database database) {
    this.statements = new JournalStatements(database.dataSource());
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
    try {
      return statements
          .steps(List.of(new Range(persistenceId, from, Long.MAX_VALUE, limit)))
          .getFirst()
          .stream()
          .map(JournalTables::step)
          .toList();
    } catch (SQLException e) {
      throw Statements.failure(e);
    }
  }

  private static JournaledStep step(JournalRow row) {
    return new JournaledStep(
        row.sequenceNumber(), JournalSerializer.step(row.manifest(), row.payload()));
  }
}
