package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.EXECUTION_TAG;

import io.turboprop.data.ExecutionId;
import java.time.Instant;
import java.util.List;
import org.jooq.impl.DSL;

/** Stores requests of clients about accepted executions: to abort and to archive. */
public final class ExecutionRequestTables {
  /** The number of {@code flyteidl.core.WorkflowExecution.Phase.ABORTING}. */
  private static final int ABORTING = 9;

  private final Database database;

  public ExecutionRequestTables(Database database) {
    this.database = database;
  }

  /**
   * Records that a client wants an execution to end, in place of what was wanted before.
   *
   * @return whether it had not ended yet; nothing is changed if it had
   */
  public boolean requestAbort(long number, String cause, String principal, Instant at) {
    return database
            .sql()
            .update(EXECUTION)
            .set(EXECUTION.PHASE, ABORTING)
            .set(EXECUTION.ABORT_REQUESTED_AT, at)
            .set(EXECUTION.ABORT_CAUSE, Rows.withoutNul(cause))
            .set(EXECUTION.ABORT_PRINCIPAL, Rows.withoutNul(principal))
            .set(EXECUTION.QUEUED, false)
            .set(EXECUTION.WAKE_UP, DSL.when(EXECUTION.WAKE_UP.isNotNull(), Rows.OVERDUE))
            .where(EXECUTION.NUMBER.eq(number), DSL.not(DSL.condition(EXECUTION.FINAL)))
            .execute()
        > 0;
  }

  /**
   * Records that the executions end that carry this label with the name of another one of their
   * project and domain; those of which it was requested before are left as they are.
   *
   * @return those that had not ended yet
   */
  public List<ExecutionId> requestAbortOfLabelled(
      String label, ExecutionId named, String cause, Instant at) {
    return database
        .sql()
        .update(EXECUTION)
        .set(EXECUTION.PHASE, ABORTING)
        .set(EXECUTION.ABORT_REQUESTED_AT, at)
        .set(EXECUTION.ABORT_CAUSE, Rows.withoutNul(cause))
        .set(EXECUTION.ABORT_PRINCIPAL, "")
        .set(EXECUTION.QUEUED, false)
        .set(EXECUTION.WAKE_UP, DSL.when(EXECUTION.WAKE_UP.isNotNull(), Rows.OVERDUE))
        .where(
            EXECUTION.NUMBER.in(
                DSL.select(EXECUTION_TAG.EXECUTION_NUMBER)
                    .from(EXECUTION_TAG)
                    .where(EXECUTION_TAG.KEY.eq(label), EXECUTION_TAG.VALUE.eq(named.name()))),
            EXECUTION.PROJECT.eq(named.project()),
            EXECUTION.DOMAIN.eq(named.domain()),
            EXECUTION.ABORT_REQUESTED_AT.isNull(),
            DSL.not(DSL.condition(EXECUTION.FINAL)))
        .returning(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME)
        .fetch(row -> new ExecutionId(row.getProject(), row.getDomain(), row.getName()));
  }

  /** Archives an execution, so that lists leave it out, or restores it. */
  public void archive(long number, boolean archived, String by, Instant at) {
    database
        .sql()
        .update(EXECUTION)
        .set(EXECUTION.STATE, archived ? 1 : 0)
        .set(EXECUTION.STATE_CHANGED_AT, at)
        .set(EXECUTION.STATE_CHANGED_BY, Rows.withoutNul(by))
        .where(EXECUTION.NUMBER.eq(number))
        .execute();
  }
}
