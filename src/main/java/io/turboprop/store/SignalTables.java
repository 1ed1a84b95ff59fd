package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.SIGNAL;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * The signals that gates of executions wait for, with their values. A signal belongs to an
 * execution, by number, and is deleted with it. If a gate begins to wait while a client sends a
 * value, at least one of them sees the other's row.
 */
public final class SignalTables {
  private static final ListColumns COLUMNS =
      ListColumns.of("s", "signal", SIGNAL.NUMBER)
          .number("id", SIGNAL.NUMBER)
          .text("signal_id", SIGNAL.SIGNAL_ID)
          .text("execution_project", EXECUTION.PROJECT)
          .text("execution_domain", EXECUTION.DOMAIN)
          .text("execution_name", EXECUTION.NAME)
          .moment("created_at", SIGNAL.CREATED_AT)
          .moment("updated_at", SIGNAL.UPDATED_AT);

  private static final RenderedQuery RECEIVER =
      RenderedQuery.of(
          DSL.select(EXECUTION.NUMBER, EXECUTION.PHASE, EXECUTION.FINAL, SIGNAL.TYPE)
              .from(EXECUTION)
              .leftJoin(SIGNAL)
              .on(
                  SIGNAL.EXECUTION_NUMBER.eq(EXECUTION.NUMBER),
                  SIGNAL.SIGNAL_ID.eq(DSL.param(SIGNAL.SIGNAL_ID)))
              .where(
                  EXECUTION.PROJECT.eq(DSL.param(EXECUTION.PROJECT)),
                  EXECUTION.DOMAIN.eq(DSL.param(EXECUTION.DOMAIN)),
                  EXECUTION.NAME.eq(DSL.param(EXECUTION.NAME))));

  private static final Condition NAMED =
      SIGNAL
          .EXECUTION_NUMBER
          .eq(DSL.param(SIGNAL.EXECUTION_NUMBER))
          .and(SIGNAL.SIGNAL_ID.eq(DSL.param(SIGNAL.SIGNAL_ID)));

  private static final RenderedQuery GET_OR_AWAIT = RenderedQuery.of(getOrAwait());

  private static final Field<String[]> WAITING =
      DSL.field(DSL.name("sent", "waiting"), SIGNAL.WAITING.getDataType());

  /** Whether the signal's execution has not ended, and was made due. */
  private static final Field<Boolean> WOKEN = DSL.field(DSL.name("is_woken"), Boolean.class);

  private static final RenderedQuery SET = RenderedQuery.of(set());

  private final Database database;

  public SignalTables(Database database) {
    this.database = database;
  }

  /**
   * A signal.
   *
   * @param type a serialized {@code flyteidl.core.LiteralType}
   * @param value a serialized {@code flyteidl.core.Literal}; null while nothing was sent
   */
  public record SignalRow(String signalId, ByteString type, @Nullable ByteString value) {}

  /** The signal with this id; creates a signal of this type if there is none. */
  public SignalRow getOrCreate(long execution, String signalId, ByteString type) {
    return database
        .sql()
        .insertInto(SIGNAL)
        .set(SIGNAL.EXECUTION_NUMBER, execution)
        .set(SIGNAL.SIGNAL_ID, signalId)
        .set(SIGNAL.TYPE, type.toByteArray())
        .onConflict(SIGNAL.EXECUTION_NUMBER, SIGNAL.SIGNAL_ID)
        .doUpdate()
        .set(SIGNAL.TYPE, SIGNAL.TYPE)
        .returningResult(SIGNAL.SIGNAL_ID, SIGNAL.TYPE, SIGNAL.VALUE)
        .fetchSingle(SignalTables::row);
  }

  /**
   * The value that was sent to a gate, a serialized {@code flyteidl.core.Literal}. If there is
   * none, registers the gate as waiting, so that {@link #set} returns it, and creates the signal if
   * it does not exist. Writes nothing if there is a value.
   *
   * <p>A gate that has waited, and now finds a value, stays registered as waiting. If the engine
   * crashes after the journal says that the gate sleeps, but before it says that the gate has
   * ended, the value is still {@linkplain WakeUpTables#unseen unseen}.
   */
  public Optional<ByteString> getOrAwait(
      long execution, String signalId, ByteString type, NodePath gate) {
    return GET_OR_AWAIT
        .fetch(
            database,
            row -> Optional.ofNullable(row.get(SIGNAL.VALUE)).map(Rows::bytes),
            execution,
            signalId,
            execution,
            signalId,
            type.toByteArray(),
            gate.text(),
            gate.text(),
            gate.text())
        .getFirst();
  }

  /**
   * Stores a value, replacing an earlier one, and makes the execution due if a gate waits for the
   * value.
   *
   * <p>This is one statement with a commit of its own. It also updates the row of an execution in
   * memory, without changing it, to take the row's lock: either this statement continues with the
   * row that a concurrent passivation has written, or the passivation sees the value.
   *
   * @param value a serialized {@code flyteidl.core.Literal}
   * @return the gates that wait for the value, none if the execution has ended; empty if there is
   *     no such signal, and nothing was stored
   */
  public Optional<List<NodePath>> set(long execution, String signalId, ByteString value) {
    return SET
        .fetch(
            database,
            row ->
                row.get(WOKEN)
                    ? Arrays.stream(row.get(WAITING)).map(NodePath::new).toList()
                    : List.<NodePath>of(),
            value.toByteArray(),
            execution,
            signalId,
            execution)
        .stream()
        .findFirst();
  }

  /**
   * An execution, and the type of one of its signals.
   *
   * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
   * @param type a serialized {@code flyteidl.core.LiteralType}; null if there is no such signal
   */
  public record Receiver(long number, int phase, boolean ended, @Nullable ByteString type) {}

  /** The execution of this name, and the type of this signal in it. */
  public Optional<Receiver> receiver(ExecutionId execution, String signalId) {
    return RECEIVER
        .fetch(
            database,
            row ->
                new Receiver(
                    row.get(EXECUTION.NUMBER),
                    row.get(EXECUTION.PHASE),
                    row.get(EXECUTION.FINAL),
                    row.get(SIGNAL.TYPE) == null ? null : Rows.bytes(row.get(SIGNAL.TYPE))),
            signalId,
            execution.project(),
            execution.domain(),
            execution.name())
        .stream()
        .findFirst();
  }

  /**
   * The statement of {@link #getOrAwait(long, String, ByteString, NodePath)}. Parameters: those of
   * {@link #NAMED}, then the new row, then the gate twice.
   */
  private static Select<?> getOrAwait() {
    var sent =
        DSL.name("sent")
            .fields("value")
            .as(DSL.select(SIGNAL.VALUE).from(SIGNAL).where(NAMED, SIGNAL.VALUE.isNotNull()));
    var gate = DSL.param("gate", String.class);
    var withGate = DSL.arrayAppend(DSL.arrayRemove(SIGNAL.WAITING, gate), gate);
    // If a value is stored between the two parts, the second part returns the row with it.
    var awaited =
        DSL.name("awaited")
            .fields("value")
            .as(
                DSL.insertInto(
                        SIGNAL,
                        SIGNAL.EXECUTION_NUMBER,
                        SIGNAL.SIGNAL_ID,
                        SIGNAL.TYPE,
                        SIGNAL.WAITING)
                    .select(
                        DSL.select(
                                DSL.param(SIGNAL.EXECUTION_NUMBER),
                                DSL.param(SIGNAL.SIGNAL_ID),
                                DSL.param(SIGNAL.TYPE),
                                DSL.array(gate))
                            .whereNotExists(DSL.selectOne().from(sent)))
                    .onConflict(SIGNAL.EXECUTION_NUMBER, SIGNAL.SIGNAL_ID)
                    .doUpdate()
                    .set(
                        SIGNAL.WAITING,
                        DSL.when(SIGNAL.VALUE.isNull(), withGate).otherwise(SIGNAL.WAITING))
                    .returningResult(SIGNAL.VALUE));
    return DSL.with(sent, awaited)
        .select(sent.field(SIGNAL.VALUE))
        .from(sent)
        .unionAll(DSL.select(awaited.field(SIGNAL.VALUE)).from(awaited));
  }

  /**
   * The statement of {@link #set(long, String, ByteString)}. Parameters: the value, those of {@link
   * #NAMED}, and the execution again.
   */
  private static Select<?> set() {
    var sent =
        DSL.name("sent")
            .fields("waiting")
            .as(
                DSL.update(SIGNAL)
                    .set(SIGNAL.VALUE, DSL.param(SIGNAL.VALUE))
                    .set(SIGNAL.UPDATED_AT, Rows.NOW)
                    .where(NAMED)
                    .returningResult(SIGNAL.WAITING));
    var woken =
        DSL.name("woken")
            .fields("number")
            .as(
                DSL.update(EXECUTION)
                    .set(EXECUTION.WAKE_UP, DSL.when(EXECUTION.WAKE_UP.isNotNull(), Rows.OVERDUE))
                    .from(sent)
                    .where(
                        EXECUTION.NUMBER.eq(DSL.param(EXECUTION.NUMBER)),
                        DSL.cardinality(WAITING).gt(DSL.inline(0)))
                    .andNot(EXECUTION.FINAL)
                    .returningResult(EXECUTION.NUMBER));
    return DSL.with(sent, woken)
        .select(WAITING, DSL.field(DSL.exists(DSL.selectOne().from(woken))).as(WOKEN))
        .from(sent);
  }

  /** One page of the signals of an execution. */
  public Page<SignalRow> list(long execution, ListQuery query) {
    return new PageQuery(
            SIGNAL.join(EXECUTION).on(EXECUTION.NUMBER.eq(SIGNAL.EXECUTION_NUMBER)),
            SIGNAL.EXECUTION_NUMBER.eq(execution),
            List.of(SIGNAL.SIGNAL_ID, SIGNAL.TYPE, SIGNAL.VALUE),
            List.of(SIGNAL.TYPE, SIGNAL.VALUE),
            COLUMNS)
        .read(database, query, SignalTables::row);
  }

  private static SignalRow row(Record row) {
    var value = row.get(SIGNAL.VALUE);
    return new SignalRow(
        row.get(SIGNAL.SIGNAL_ID),
        Rows.bytes(row.get(SIGNAL.TYPE)),
        value == null ? null : Rows.bytes(value));
  }
}
