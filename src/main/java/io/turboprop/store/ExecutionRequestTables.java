package io.turboprop.store;

import java.time.Instant;

/** What clients want of executions that have been accepted. */
public final class ExecutionRequestTables {
  private static final String REQUEST_ABORT =
      """
      update execution set
        phase = 9, abort_requested_at = ?, abort_cause = ?, abort_principal = ?,
        wake_up = case when wake_up is null then null else '-infinity'::timestamptz end
      where number = ? and not final
      """;

  private static final String ARCHIVE =
      "update execution set state = ?, state_changed_at = ?, state_changed_by = ? where number = ?";

  private final Statements statements;

  public ExecutionRequestTables(Database database) {
    this.statements = new Statements(database);
  }

  /**
   * Records that a client wants an execution to end, in place of what was wanted before.
   *
   * @return whether it had not ended yet; nothing is changed if it had
   */
  public boolean requestAbort(long number, String cause, String principal, Instant at) {
    return statements.update(REQUEST_ABORT, Statements.Parameters.of(at, cause, principal, number))
        > 0;
  }

  /** Has an execution left out of lists, or brought back. */
  public void archive(long number, boolean archived, String by, Instant at) {
    statements.update(ARCHIVE, Statements.Parameters.of(archived ? 1 : 0, at, by, number));
  }
}
