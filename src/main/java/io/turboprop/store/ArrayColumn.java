package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import java.lang.reflect.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One column of a statement that takes many rows at once, as one array per column: {@code select …
 * from unnest(?::bigint[], ?::text[])}. The statement is the same for any number of rows, so it is
 * prepared once.
 *
 * @param <R> what a row is made of
 * @param select the SQL that reads the column from the array, under the alias {@code v}
 */
public record ArrayColumn<R>(
    String name,
    String type,
    Class<?> element,
    String select,
    Function<R, @Nullable Object> value) {

  public static <R> List<ArrayColumn<R>> bigint(String name, Function<R, @Nullable Long> value) {
    return plain(name, "int8", Long.class, value::apply);
  }

  public static <R> List<ArrayColumn<R>> integer(
      String name, Function<R, @Nullable Integer> value) {
    return plain(name, "int4", Integer.class, value::apply);
  }

  static <R> List<ArrayColumn<R>> bool(String name, Function<R, Boolean> value) {
    return plain(name, "bool", Boolean.class, value::apply);
  }

  /** PostgreSQL has no NUL in a text; it is left out. */
  public static <R> List<ArrayColumn<R>> text(String name, Function<R, @Nullable String> value) {
    return plain(name, "text", String.class, row -> withoutNul(value.apply(row)));
  }

  static <R> List<ArrayColumn<R>> bytes(String name, Function<R, @Nullable ByteString> value) {
    return binary(
        name,
        row -> {
          var bytes = value.apply(row);
          return bytes == null ? null : bytes.toByteArray();
        });
  }

  public static <R> List<ArrayColumn<R>> binary(String name, Function<R, byte @Nullable []> value) {
    return plain(name, "bytea", byte[].class, value::apply);
  }

  /** A moment, in microseconds; the rest is cut off. */
  static <R> List<ArrayColumn<R>> instant(String name, Function<R, @Nullable Instant> value) {
    return List.of(
        new ArrayColumn<>(
            name,
            "int8",
            Long.class,
            "timestamptz 'epoch' + v." + name + " * interval '1 microsecond'",
            row -> {
              var instant = value.apply(row);
              return instant == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, instant);
            }));
  }

  /** Two columns: the values themselves, or where they are. */
  static <R> List<ArrayColumn<R>> values(String name, Function<R, @Nullable Values> value) {
    return list(
        bytes(
            name,
            row ->
                value.apply(row) instanceof Values.Inline(var literals) ? literals.bytes() : null),
        text(
            name + "_uri",
            row -> value.apply(row) instanceof Values.Stored(var place) ? place.uri() : null));
  }

  /** Three columns. */
  static <R> List<ArrayColumn<R>> error(Function<R, @Nullable ExecutionError> value) {
    return list(
        text(
            "error_code",
            row -> value.apply(row) instanceof ExecutionError error ? error.code() : null),
        text(
            "error_message",
            row -> value.apply(row) instanceof ExecutionError error ? error.message() : null),
        integer(
            "error_kind",
            row ->
                value.apply(row) instanceof ExecutionError error ? error.kind().number() : null));
  }

  /** Columns in the order of a statement; some come in groups. */
  @SafeVarargs
  public static <R> List<ArrayColumn<R>> list(List<ArrayColumn<R>>... columns) {
    return Stream.of(columns).flatMap(List::stream).toList();
  }

  /** {@code a, b, …}. */
  public static <R> String names(List<ArrayColumn<R>> columns) {
    return columns.stream().map(ArrayColumn::name).collect(Collectors.joining(", "));
  }

  /** {@code select v.a as a, … from unnest(?::int8[], …) as v(a, …)}. */
  public static <R> String select(List<ArrayColumn<R>> columns) {
    return "select %s from unnest(%s) as v(%s)"
        .formatted(
            columns.stream()
                .map(column -> column.select + " as " + column.name)
                .collect(Collectors.joining(", ")),
            columns.stream()
                .map(column -> "?::" + column.type + "[]")
                .collect(Collectors.joining(", ")),
            names(columns));
  }

  /** Sets the parameters, one array per column, from 1 on. */
  public static <R> void bind(
      Connection connection,
      PreparedStatement statement,
      List<ArrayColumn<R>> columns,
      List<R> rows)
      throws SQLException {
    for (int i = 0; i < columns.size(); i++) {
      var column = columns.get(i);
      statement.setArray(i + 1, connection.createArrayOf(column.type, column.array(rows)));
    }
  }

  private Object[] array(List<R> rows) {
    var array = (Object[]) Array.newInstance(element, rows.size());
    for (int i = 0; i < array.length; i++) {
      array[i] = value.apply(rows.get(i));
    }
    return array;
  }

  private static <R> List<ArrayColumn<R>> plain(
      String name, String type, Class<?> element, Function<R, @Nullable Object> value) {
    return List.of(new ArrayColumn<>(name, type, element, "v." + name, value));
  }

  private static @Nullable String withoutNul(@Nullable String text) {
    return text == null || text.indexOf('\0') < 0 ? text : text.replace("\0", "");
  }
}
