package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.UNSEEN;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.Unseen;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Records;
import org.jooq.impl.DSL;

/** The executions that have not ended: which of them are due, and what they have not yet seen. */
public final class WakeUpTables {
  /** {@code flyteidl.core.WorkflowExecution.Phase.ABORTING}. */
  private static final int ABORTING = 9;

  static final Condition UNDER_WAY = DSL.not(DSL.condition(EXECUTION.FINAL));

  private static final Field<String> ABORT_CAUSE =
      DSL.when(EXECUTION.PHASE.eq(DSL.inline(ABORTING)), EXECUTION.ABORT_CAUSE)
          .as("unseen_abort_cause");

  /** The nodes for which something is unseen; null if there are none. */
  private static final Field<String[]> UNSEEN_PATHS =
      DSL.field(
              DSL.select(DSL.arrayAggDistinct(UNSEEN.PATH))
                  .from(UNSEEN)
                  .where(UNSEEN.EXECUTION_NUMBER.eq(EXECUTION.NUMBER), UNSEEN.PATH.isNotNull()))
          .as("unseen_paths");

  /** The columns that {@link #unseen(Record)} needs. */
  static final List<Field<?>> UNSEEN_COLUMNS = List.of(ABORT_CAUSE, UNSEEN_PATHS);

  private final Database database;

  public WakeUpTables(Database database) {
    this.database = database;
  }

  /** An execution that has not ended; numbers order them. */
  public record ActiveExecution(long number, ExecutionId id) {}

  /**
   * Takes executions whose moment has come, the longest due first. They are due again after a
   * while, in case the message to them is lost.
   *
   * @param again when they are due again if nothing comes of it
   */
  public List<ExecutionId> takeDue(Instant now, Instant again, int limit) {
    return database
        .sql()
        .update(EXECUTION)
        .set(EXECUTION.WAKE_UP, again)
        .where(
            EXECUTION.NUMBER.in(
                DSL.select(EXECUTION.NUMBER)
                    .from(EXECUTION)
                    .where(UNDER_WAY, EXECUTION.WAKE_UP.le(now))
                    .orderBy(EXECUTION.WAKE_UP)
                    .limit(limit)
                    .forUpdate()
                    .skipLocked()))
        .returningResult(EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME)
        .fetch(Records.mapping(ExecutionId::new));
  }

  /**
   * The stored requests and signals that executions have not handled yet, by the tables that
   * clients read; in the order of {@code numbers}, empty for an execution that has ended. The cost
   * grows with the number of their children that have ended.
   */
  public List<Unseen> unseen(List<Long> numbers) {
    var found =
        database
            .sql()
            .select(EXECUTION.NUMBER, ABORT_CAUSE, UNSEEN_PATHS)
            .from(EXECUTION)
            .where(EXECUTION.NUMBER.eq(DSL.any(numbers.toArray(Long[]::new))), UNDER_WAY)
            .fetchMap(EXECUTION.NUMBER, row -> unseen((Record) row));
    return numbers.stream().map(number -> found.getOrDefault(number, Unseen.NONE)).toList();
  }

  static Unseen unseen(Record row) {
    return new Unseen(
        Optional.ofNullable(row.get(ABORT_CAUSE)),
        Rows.list(row.get(UNSEEN_PATHS)).stream().map(NodePath::new).toList());
  }

  /** An execution that the engine can't go on with for now. */
  public record ParkedExecution(ExecutionId id, int phase, Instant at, String reason) {}

  /** The parked executions, in the order of their acceptance. */
  public List<ParkedExecution> parked(int limit) {
    return database
        .sql()
        .select(
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            EXECUTION.PHASE,
            EXECUTION.PARKED_AT,
            EXECUTION.PARKED_REASON)
        .from(EXECUTION)
        .where(EXECUTION.PARKED_AT.isNotNull(), UNDER_WAY)
        .orderBy(EXECUTION.NUMBER)
        .limit(limit)
        .fetch(row ->
            new ParkedExecution(
                new ExecutionId(row.value1(), row.value2(), row.value3()),
                row.value4(),
                row.value5(),
                row.value6()));
  }

  /** How many executions are parked. */
  public int parkedCount() {
    return database.sql().fetchCount(EXECUTION, EXECUTION.PARKED_AT.isNotNull(), UNDER_WAY);
  }

  /**
   * Makes all parked executions due.
   *
   * @return how many
   */
  public int unparkAll() {
    return unpark(DSL.noCondition());
  }

  /**
   * Makes a parked execution due.
   *
   * @return whether it was parked
   */
  public boolean unpark(ExecutionId id) {
    return unpark(
            EXECUTION
                .PROJECT
                .eq(id.project())
                .and(EXECUTION.DOMAIN.eq(id.domain()))
                .and(EXECUTION.NAME.eq(id.name())))
        > 0;
  }

  private int unpark(Condition condition) {
    return database
        .sql()
        .update(EXECUTION)
        .set(EXECUTION.WAKE_UP, Rows.OVERDUE)
        .where(EXECUTION.PARKED_AT.isNotNull(), UNDER_WAY, condition)
        .execute();
  }

  /** Executions that are under way, as far as is known: not ended, not asleep, not queued. */
  public List<ActiveExecution> active(long afterNumber, int limit) {
    return database
        .sql()
        .select(EXECUTION.NUMBER, EXECUTION.PROJECT, EXECUTION.DOMAIN, EXECUTION.NAME)
        .from(EXECUTION)
        .where(UNDER_WAY, EXECUTION.WAKE_UP.isNull(), EXECUTION.NUMBER.gt(afterNumber))
        .andNot(EXECUTION.QUEUED)
        .orderBy(EXECUTION.NUMBER)
        .limit(limit)
        .fetch(row ->
            new ActiveExecution(
                row.value1(), new ExecutionId(row.value2(), row.value3(), row.value4())));
  }
}
