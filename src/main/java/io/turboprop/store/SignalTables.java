package io.turboprop.store;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import com.google.protobuf.ByteString;
import io.turboprop.data.NodePath;
import java.sql.Array;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jooq.Field;
import org.jspecify.annotations.Nullable;

/**
 * Signals: what the gates of executions wait for, and what they were sent. A signal belongs to an
 * execution, by number, and goes with it. Of a gate that begins to wait and a client that sends a
 * value at the same time, one sees what the other has stored.
 */
public final class SignalTables {
  private static final String GET_OR_CREATE =
      """
      insert into signal as s (execution_number, signal_id, type) values (?, ?, ?)
      on conflict (execution_number, signal_id) do update set type = s.type
      returning signal_id, type, value
      """;

  /** A gate that finds a value does not wait any more. */
  private static final String GET_OR_AWAIT =
      """
      insert into signal as s (execution_number, signal_id, type, waiting) values (?, ?, ?, array[?])
      on conflict (execution_number, signal_id) do update set
        waiting = case
          when s.value is null then array_remove(s.waiting, excluded.waiting[1]) || excluded.waiting
          else array_remove(s.waiting, excluded.waiting[1]) end
      returning value
      """;

  /**
   * An execution that sleeps is due from this transaction on, so that no crash can come between the
   * two. The row of one in memory is updated as well, though nothing changes in it: that takes its
   * lock, and so either this transaction sees the sleep, or the sleep sees the value.
   */
  private static final String SET =
      """
      with sent as (
        update signal set value = ?, updated_at = clock_timestamp()
        where execution_number = ? and signal_id = ?
        returning execution_number, waiting),
      woken as (
        update execution as e set
          wake_up = case when wake_up is null then null else '-infinity'::timestamptz end
        from sent
        where e.number = sent.execution_number and not e.final and sent.waiting <> '{}'
        returning e.number)
      select case when exists (select from woken) then waiting else '{}' end as gates from sent
      """;

  private static final String FIND =
      "select signal_id, type, value from signal where execution_number = ? and signal_id = ?";

  private static final ListColumns COLUMNS =
      ListColumns.of("s", "signal", number("signal", "number"))
          .number("id", number("signal", "number"))
          .text("signal_id", text("signal", "signal_id"))
          .text("execution_project", text("execution", "project"))
          .text("execution_domain", text("execution", "domain"))
          .text("execution_name", text("execution", "name"))
          .moment("created_at", moment("created_at"))
          .moment("updated_at", moment("updated_at"));

  private final Database database;
  private final Statements statements;

  public SignalTables(Database database) {
    this.database = database;
    this.statements = new Statements(database);
  }

  /**
   * A signal.
   *
   * @param type a serialized {@code flyteidl.core.LiteralType}
   * @param value a serialized {@code flyteidl.core.Literal}; null while nothing was sent
   */
  public record SignalRow(String signalId, ByteString type, @Nullable ByteString value) {}

  /** The signal of this id; one of this type is created if there is none. */
  public SignalRow getOrCreate(long execution, String signalId, ByteString type) {
    return statements
        .first(
            GET_OR_CREATE,
            statement -> {
              statement.setLong(1, execution);
              statement.setString(2, signalId);
              statement.setBytes(3, type.toByteArray());
            },
            SignalTables::row)
        .orElseThrow();
  }

  /**
   * What was sent to a gate, a serialized {@code flyteidl.core.Literal}. If nothing was, the gate
   * is among those that {@link #set} returns from now on; a signal that is not there is created.
   */
  public Optional<ByteString> getOrAwait(
      long execution, String signalId, ByteString type, NodePath gate) {
    return statements
        .first(
            GET_OR_AWAIT,
            statement -> {
              statement.setLong(1, execution);
              statement.setString(2, signalId);
              statement.setBytes(3, type.toByteArray());
              statement.setString(4, gate.text());
            },
            SignalTables::value)
        .orElseThrow();
  }

  /**
   * Stores what was sent, in place of what was sent before, and has the execution woken if a gate
   * waits for it.
   *
   * @param value a serialized {@code flyteidl.core.Literal}
   * @return the gates that wait for it, none if the execution has ended; empty when there is no
   *     such signal, and nothing was stored
   */
  public Optional<List<NodePath>> set(long execution, String signalId, ByteString value) {
    return statements.first(
        SET,
        statement -> {
          statement.setBytes(1, value.toByteArray());
          statement.setLong(2, execution);
          statement.setString(3, signalId);
        },
        row -> paths(row.result().getArray("gates")));
  }

  /** The signal of this id. */
  public Optional<SignalRow> find(long execution, String signalId) {
    return statements.first(
        FIND,
        statement -> {
          statement.setLong(1, execution);
          statement.setString(2, signalId);
        },
        SignalTables::row);
  }

  /** One page of the signals of an execution. */
  public Page<SignalRow> list(long execution, ListQuery query) {
    return new PageQuery(
            table("signal join execution on execution.number = signal.execution_number"),
            number("signal", "execution_number").eq(execution),
            List.of(text("signal", "signal_id"), field("type"), field("value")),
            List.of(field("type"), field("value")),
            COLUMNS)
        .readRows(database.sql(), query, SignalTables::row);
  }

  private static SignalRow row(ResultRow row) throws SQLException {
    return new SignalRow(row.text("signal_id"), row.bytes("type"), value(row).orElse(null));
  }

  private static Optional<ByteString> value(ResultRow row) throws SQLException {
    return Optional.ofNullable(row.result().getBytes("value")).map(ByteString::copyFrom);
  }

  private static List<NodePath> paths(Array array) throws SQLException {
    return Arrays.stream((String[]) array.getArray()).map(NodePath::new).toList();
  }

  private static Field<Long> number(String table, String column) {
    return field(name(table, column), Long.class);
  }

  private static Field<String> text(String table, String column) {
    return field(name(table, column), String.class);
  }

  private static Field<OffsetDateTime> moment(String column) {
    return field(name("signal", column), OffsetDateTime.class);
  }
}
