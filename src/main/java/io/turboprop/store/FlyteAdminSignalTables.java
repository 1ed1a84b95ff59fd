package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.SIGNAL;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** The signals that gates wait for, of the executions whose events are sent to a FlyteAdmin. */
public final class FlyteAdminSignalTables {
  private final Database database;
  private final Condition reported;

  /**
   * @param reported the executions that FlyteAdmin knows
   */
  public FlyteAdminSignalTables(Database database, ReportedExecutions reported) {
    this.database = database;
    this.reported = DSL.condition(reported.condition());
  }

  /**
   * A signal without a value, for which a gate waits.
   *
   * @param number of the signal; a later signal has a higher one
   * @param type a serialized {@code flyteidl.core.LiteralType}
   */
  public record AwaitedSignal(
      long number, long execution, ExecutionId id, String signalId, ByteString type) {}

  /** Whether FlyteAdmin knows an execution, given by its number. */
  public boolean isReported(long execution) {
    return database.sql().fetchExists(EXECUTION, EXECUTION.NUMBER.eq(execution), reported);
  }

  /**
   * The signals for which gates wait, the oldest first.
   *
   * @param after the number of the last signal of the page before; 0 for the first page
   */
  public List<AwaitedSignal> awaited(long after, int most) {
    return database
        .sql()
        .select(
            SIGNAL.NUMBER,
            EXECUTION.NUMBER,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            SIGNAL.SIGNAL_ID,
            SIGNAL.TYPE)
        .from(SIGNAL)
        .join(EXECUTION)
        .on(EXECUTION.NUMBER.eq(SIGNAL.EXECUTION_NUMBER))
        .where(
            SIGNAL.NUMBER.gt(after),
            SIGNAL.VALUE.isNull(),
            DSL.cardinality(SIGNAL.WAITING).gt(0),
            DSL.not(DSL.condition(EXECUTION.FINAL)),
            reported)
        .orderBy(SIGNAL.NUMBER)
        .limit(most)
        .fetch(row ->
            new AwaitedSignal(
                row.value1(),
                row.value2(),
                new ExecutionId(row.value3(), row.value4(), row.value5()),
                row.value6(),
                Rows.bytes(row.value7())));
  }
}
