package io.turboprop.journal;

import io.turboprop.journal.JournalStatements.Range;
import io.turboprop.journal.JournalStatements.SnapshotBefore;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.Database;
import io.turboprop.store.DatabaseFailures;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowStep;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Reads the journal outside of the journal plugin, and deletes whole executions from it. Nothing
 * smaller than an execution is ever deleted: the plugin's own deletion leaves gaps, at which a
 * replay stops without an error.
 */
public final class JournalTables {
  private final JournalStatements statements;

  public JournalTables(Database database) {
    this.statements = new JournalStatements(database.dataSource());
  }

  /** One row of the journal. */
  public record JournaledStep(long sequenceNumber, WorkflowStep step) {}

  /** A snapshot: the state after the step with this sequence number. */
  public record JournaledState(long sequenceNumber, WorkflowState state) {}

  /**
   * The steps of one execution, in order.
   *
   * @param from the first wanted sequence number; numbers begin with 1
   * @param limit the most steps to return
   * @throws IllegalArgumentException when a newer version of the engine has written a step
   * @throws StoreException when the database does not answer or refuses the query
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
      throw DatabaseFailures.of(e);
    }
  }

  /**
   * The newest snapshot of an execution; empty if none was taken.
   *
   * @param plans hold the plans of the execution
   * @throws IllegalArgumentException when a newer version of the engine has taken the snapshot
   * @throws StoreException when the database does not answer or refuses the query
   */
  public Optional<JournaledState> newestSnapshot(String persistenceId, Plans plans) {
    try {
      return statements
          .snapshots(List.of(new SnapshotBefore(persistenceId, Long.MAX_VALUE, Long.MAX_VALUE)))
          .getFirst()
          .stream()
          .findFirst()
          .map(row ->
              new JournaledState(
                  row.sequenceNumber(),
                  WorkflowStateCodec.decode(
                      JournalSerializer.state(row.manifest(), row.payload()), plans)));
    } catch (SQLException e) {
      throw DatabaseFailures.of(e);
    }
  }

  private static JournaledStep step(JournalRow row) {
    return new JournaledStep(
        row.sequenceNumber(), JournalSerializer.step(row.manifest(), row.payload()));
  }
}
