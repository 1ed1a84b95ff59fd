package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.Unseen;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The executions that have not ended: which of them are due, and what they have not yet seen. */
public final class WakeUpTables {
  /** Those taken are due again after a while, in case the message to them is lost. */
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

  private static final String PARKED =
      """
      select project, domain, name, phase, parked_at, parked_reason from execution
      where parked_at is not null and not final
      order by number limit ?
      """;

  private static final String COUNT_PARKED =
      "select count(*) as parked from execution where parked_at is not null and not final";

  private static final String UNPARK =
      "update execution set wake_up = '-infinity' where parked_at is not null and not final";

  private static final String UNPARK_ONE = UNPARK + " and project = ? and domain = ? and name = ?";

  private static final String UNSEEN =
      """
      select case when phase = 9 then abort_cause end as abort_cause, (
        select array_agg(distinct path) from unseen
        where unseen.execution_number = execution.number and path is not null) as paths
      from execution where number = ? and not final
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
   * @param again when they are due again if nothing comes of it
   */
  public List<ExecutionId> takeDue(Instant now, Instant again, int limit) {
    return statements.list(
        TAKE_DUE, Statements.Parameters.of(again, now, limit), ResultRow::execution);
  }

  /**
   * What an execution has not yet seen, as far as the read tables know; nothing of one that has
   * ended. Costs as much as the execution has children that have ended.
   */
  public Unseen unseen(long number) {
    return statements
        .first(
            UNSEEN,
            Statements.Parameters.of(number),
            row ->
                new Unseen(
                    Optional.ofNullable(row.nullableText("abort_cause")),
                    row.nullableTexts("paths").stream().map(NodePath::new).toList()))
        .orElse(Unseen.NONE);
  }

  /** An execution that the engine can't go on with for now. */
  public record ParkedExecution(ExecutionId id, int phase, Instant at, String reason) {}

  /** The parked executions, in the order of their acceptance. */
  public List<ParkedExecution> parked(int limit) {
    return statements.list(
        PARKED,
        Statements.Parameters.of(limit),
        row ->
            new ParkedExecution(
                row.execution(),
                row.integer("phase"),
                row.instant("parked_at"),
                row.text("parked_reason")));
  }

  /** How many executions are parked. */
  public int parkedCount() {
    return statements
        .first(COUNT_PARKED, Statements.Parameters.of(), row -> row.integer("parked"))
        .orElseThrow();
  }

  /**
   * Makes all parked executions due.
   *
   * @return how many
   */
  public int unparkAll() {
    return statements.update(UNPARK, Statements.Parameters.of());
  }

  /**
   * Makes a parked execution due.
   *
   * @return whether it was parked
   */
  public boolean unpark(ExecutionId id) {
    return statements.update(
            UNPARK_ONE, Statements.Parameters.of(id.project(), id.domain(), id.name()))
        > 0;
  }

  /** Executions that are under way, as far as is known: not ended, and not asleep. */
  public List<ActiveExecution> active(long afterNumber, int limit) {
    return statements.list(
        ACTIVE,
        Statements.Parameters.of(afterNumber, limit),
        row -> new ActiveExecution(row.number("number"), row.execution()));
  }
}
