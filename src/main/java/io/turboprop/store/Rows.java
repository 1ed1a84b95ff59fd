package io.turboprop.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import java.time.Instant;
import java.util.List;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Converts between columns that several tables share and the engine's values. */
final class Rows {
  /** The database's clock; it advances within a transaction. */
  static final Field<Instant> NOW = DSL.field("clock_timestamp()", SQLDataType.INSTANT);

  /** A sleeping execution with this {@code wake_up} is due before all that have a moment. */
  static final Field<Instant> OVERDUE =
      DSL.field("cast('-infinity' as timestamptz)", SQLDataType.INSTANT);

  private Rows() {}

  /**
   * The first values of a row as a record of the table. They are copied by position: jOOQ's own
   * {@code into} compares every column of the table with every column of the row by name, which
   * takes longer than reading the row.
   *
   * @param columns the table's columns with whose values the row begins, in this order
   */
  static <R extends Record> R record(Table<R> table, List<Field<?>> columns, Record row) {
    var record = table.newRecord();
    for (var i = 0; i < columns.size(); i++) {
      copy(columns.get(i), row.get(i), record);
    }
    return record;
  }

  private static <T> void copy(Field<T> column, @Nullable Object value, Record record) {
    record.set(column, column.getType().cast(value));
  }

  /** Values from their two columns; null when there are none. */
  static @Nullable Values values(byte @Nullable [] inline, @Nullable String uri) {
    if (uri != null) {
      return new Values.Stored(new DataReference(uri));
    }
    return inline == null ? null : new Values.Inline(Literals.parse(ByteString.copyFrom(inline)));
  }

  /** An error from its three columns; null when there is none. */
  static @Nullable ExecutionError error(
      @Nullable String code, String message, @Nullable Integer kind) {
    return code == null
        ? null
        : new ExecutionError(
            code,
            message,
            kind == null ? ExecutionError.Kind.UNKNOWN : ExecutionError.Kind.of(kind));
  }

  /**
   * Wraps the bytes of a row without a copy, since nothing else refers to them; empty if the column
   * is null.
   */
  static ByteString bytes(byte @Nullable [] column) {
    return column == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(column);
  }

  /** The elements of an array; none where the column is null. */
  static List<String> list(String @Nullable [] column) {
    return column == null ? List.of() : List.of(column);
  }

  /** PostgreSQL has no NUL in a text; it is left out. */
  static String withoutNul(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace("\0", "");
  }
}
