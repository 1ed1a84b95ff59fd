package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import java.time.Instant;
import java.util.List;

/** The executions that have not ended, for whoever sees to it that they go on. */
public final class WakeUpTables {
  /** Those taken are due again after a while, should nobody hear of it. */
  private static final String TAKE_DUE =
      """
      update execution set wake_up = ?
      where number in (
        select number from execution where not final and wake_up <= ?
        order by wake_up limit ? for update skip locked)
      returning project, domain, name
      """;

  private static final String ACTIVE =
      """
      select number, project, domain, name from execution
      where not final and wake_up is null and number > ?
      order by number limit ?
      """;

  private final Statements statements;

  public WakeUpTables(Database database) {
    this.statements = new Statements(database);
  }

  /** An execution that has not ended; numbers order them. */
  public record ActiveExecution(long number, ExecutionId id) {}

  /**
   * Takes executions whose moment has come, the longest due first.
   *
   * @param again when they are due again if nothing is heard of them
   */
  public List<ExecutionId> takeDue(Instant now, Instant again, int limit) {
    return statements.list(
        TAKE_DUE, Statements.Parameters.of(again, now, limit), ResultRow::execution);
  }

  /** Executions that are under way, as far as is known: not ended, and not asleep. */
  public List<ActiveExecution> active(long afterNumber, int limit) {
    return statements.list(
        ACTIVE,
        Statements.Parameters.of(afterNumber, limit),
        row -> new ActiveExecution(row.number("number"), row.execution()));
  }
}
