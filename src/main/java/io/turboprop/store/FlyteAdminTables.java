package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.FLYTEADMIN_EXECUTION;

import io.turboprop.data.ExecutionId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * How far the events of executions are sent to a FlyteAdmin, and which send has the lease of an
 * execution. A node leases an execution while it has events to send; every record of progress
 * renews the lease. A lease that is not renewed ends after its duration, and the next lease goes on
 * from the recorded position, on any node. Each lease has a token of its own, so a send that has
 * stalled for longer than its lease records nothing more, even when the same node has the next
 * lease. All times are the database's.
 */
public final class FlyteAdminTables {
  private static final String ENROL =
      """
      insert into flyteadmin_execution (execution_number)
      select number from execution where number = any(?) and %s
      on conflict do nothing
      """;

  private final Database database;

  public FlyteAdminTables(Database database) {
    this.database = database;
  }

  /**
   * The position of an execution that has events to send.
   *
   * @param through the last step of the journal all of whose events were answered
   * @param events how many events of the next step were answered
   * @param failures the failures since the last answer
   * @param lease the token of the lease
   */
  public record Position(
      long number, ExecutionId id, long through, int events, int failures, UUID lease) {}

  /**
   * The backlog of events that are not sent yet.
   *
   * @param executions how many executions have steps whose events were not sent
   * @param oldest the last change of the execution that has waited longest; null if there is none
   */
  public record Unsent(int executions, @Nullable Instant oldest) {}

  /** Adds the rows of executions whose first step is being published, on their transaction. */
  static void enrol(Connection connection, ReportedExecutions which, Collection<Long> numbers)
      throws SQLException {
    if (which == ReportedExecutions.NONE || numbers.isEmpty()) {
      return;
    }
    try (var statement = connection.prepareStatement(ENROL.formatted(which.condition()))) {
      statement.setArray(1, connection.createArrayOf("bigint", numbers.toArray()));
      statement.executeUpdate();
    }
  }

  /** Adds the rows of executions that had begun before a FlyteAdmin was configured. */
  public int enrolUnended(ReportedExecutions which) {
    return database
        .sql()
        .execute(
            "insert into flyteadmin_execution (execution_number) select number from execution"
                + " where not final and published_through > 0 and "
                + which.condition()
                + " on conflict do nothing");
  }

  /**
   * Leases executions that have steps to send and are due.
   *
   * @param most how many
   */
  public List<Position> lease(Duration lease, int most) {
    return lease(lease, most, DSL.trueCondition());
  }

  /** The same for some executions only. */
  public List<Position> lease(Duration lease, int most, Collection<Long> numbers) {
    return lease(
        lease,
        most,
        FLYTEADMIN_EXECUTION.EXECUTION_NUMBER.eq(DSL.any(numbers.toArray(Long[]::new))));
  }

  private List<Position> lease(Duration lease, int most, Condition which) {
    var token = UUID.randomUUID();
    var due =
        DSL.select(FLYTEADMIN_EXECUTION.EXECUTION_NUMBER)
            .from(FLYTEADMIN_EXECUTION)
            .join(EXECUTION)
            .on(EXECUTION.NUMBER.eq(FLYTEADMIN_EXECUTION.EXECUTION_NUMBER))
            .where(hasUnsent(), FLYTEADMIN_EXECUTION.DUE.le(Rows.NOW), which)
            .orderBy(FLYTEADMIN_EXECUTION.DUE, FLYTEADMIN_EXECUTION.EXECUTION_NUMBER)
            .limit(most)
            .forUpdate()
            .of(FLYTEADMIN_EXECUTION)
            .skipLocked();
    return database
        .sql()
        .update(FLYTEADMIN_EXECUTION)
        .set(FLYTEADMIN_EXECUTION.SENDER, token)
        .set(FLYTEADMIN_EXECUTION.DUE, after(lease))
        .from(EXECUTION)
        .where(
            FLYTEADMIN_EXECUTION.EXECUTION_NUMBER.in(due),
            EXECUTION.NUMBER.eq(FLYTEADMIN_EXECUTION.EXECUTION_NUMBER))
        .returningResult(
            FLYTEADMIN_EXECUTION.EXECUTION_NUMBER,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            FLYTEADMIN_EXECUTION.SENT_THROUGH,
            FLYTEADMIN_EXECUTION.SENT_EVENTS,
            FLYTEADMIN_EXECUTION.FAILURES)
        .fetch(row ->
            new Position(
                row.value1(),
                new ExecutionId(row.value2(), row.value3(), row.value4()),
                row.value5(),
                row.value6(),
                row.value7(),
                token));
  }

  private static Condition hasUnsent() {
    return EXECUTION.PUBLISHED_THROUGH.gt(FLYTEADMIN_EXECUTION.SENT_THROUGH);
  }

  private static Field<Instant> after(Duration pause) {
    return DSL.field(
        "clock_timestamp() + {0} * interval '1 millisecond'",
        SQLDataType.INSTANT, DSL.val(pause.toMillis()));
  }

  /**
   * Records that events were answered, and renews the lease.
   *
   * @param leased the position that was leased
   * @return whether the lease is still valid; if not, nothing is recorded and the send has to stop
   */
  public boolean answered(Position leased, Duration lease, long through, int events) {
    return database
            .sql()
            .update(FLYTEADMIN_EXECUTION)
            .set(FLYTEADMIN_EXECUTION.SENT_THROUGH, through)
            .set(FLYTEADMIN_EXECUTION.SENT_EVENTS, events)
            .set(FLYTEADMIN_EXECUTION.FAILURES, 0)
            .set(FLYTEADMIN_EXECUTION.DUE, after(lease))
            .where(isLeased(leased))
            .execute()
        > 0;
  }

  /** Ends a lease; the execution is due again at once. */
  public void release(Position leased) {
    database
        .sql()
        .update(FLYTEADMIN_EXECUTION)
        .setNull(FLYTEADMIN_EXECUTION.SENDER)
        .set(FLYTEADMIN_EXECUTION.DUE, Rows.OVERDUE)
        .where(isLeased(leased))
        .execute();
  }

  /** Ends a lease after a failure; the execution is due again after a pause. */
  public void postpone(Position leased, Duration pause) {
    database
        .sql()
        .update(FLYTEADMIN_EXECUTION)
        .setNull(FLYTEADMIN_EXECUTION.SENDER)
        .set(FLYTEADMIN_EXECUTION.FAILURES, FLYTEADMIN_EXECUTION.FAILURES.plus(1))
        .set(FLYTEADMIN_EXECUTION.DUE, after(pause))
        .where(isLeased(leased))
        .execute();
  }

  /** Removes an execution: nothing of it is sent any more. */
  public void finish(Position leased) {
    database.sql().deleteFrom(FLYTEADMIN_EXECUTION).where(isLeased(leased)).execute();
  }

  private static Condition isLeased(Position leased) {
    return FLYTEADMIN_EXECUTION
        .EXECUTION_NUMBER
        .eq(leased.number())
        .and(FLYTEADMIN_EXECUTION.SENDER.eq(leased.lease()));
  }

  /** The backlog of all nodes together. */
  public Unsent unsent() {
    return database
        .sql()
        .select(DSL.count(), DSL.min(EXECUTION.UPDATED_AT))
        .from(FLYTEADMIN_EXECUTION)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(FLYTEADMIN_EXECUTION.EXECUTION_NUMBER))
        .where(hasUnsent())
        .fetchSingle(row -> new Unsent(row.value1(), row.value2()));
  }
}
