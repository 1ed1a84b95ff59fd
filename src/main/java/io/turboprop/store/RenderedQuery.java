package io.turboprop.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.jooq.impl.DSL;

/**
 * A statement with rows that is always the same but for its values. jOOQ renders its text once. To
 * build and render such a statement at each call takes about as long as the rest of the call, and
 * in a JVM that has just started, which loads hundreds of executions at once, much longer.
 */
final class RenderedQuery {
  private final String text;
  private final Field<?>[] fields;

  private RenderedQuery(String text, Field<?>[] fields) {
    this.text = text;
    this.fields = fields;
  }

  /** Renders a query. What varies is {@code DSL.param(column)}, and all else is inline. */
  static RenderedQuery of(Select<?> query) {
    return new RenderedQuery(DSL.using(SQLDialect.POSTGRES).render(query), query.fields());
  }

  /**
   * Renders a query that is asked once for each of many rows, by one statement.
   *
   * @param wanted the rows that the query refers to, as SQL: {@code unnest(?::text[]) as wanted
   *     (…)}
   * @param each the query; it has a limit, so that the planner looks each row up, however little it
   *     knows about the table
   */
  static RenderedQuery ofEach(String wanted, Select<?> each) {
    var query = of(each);
    return new RenderedQuery(
        "select found.* from %s cross join lateral (%s) as found".formatted(wanted, query.text),
        query.fields);
  }

  /**
   * Reads the rows in a transaction of its own.
   *
   * @param values those of the parameters, in the order of the text
   * @throws io.turboprop.postgres.StoreException one of {@link DatabaseFailures}
   */
  <T> List<T> fetch(Database database, Function<Record, T> reader, Object... values) {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.prepareStatement(text)) {
      bind(statement, values);
      try (var rows = statement.executeQuery()) {
        return database.sql().fetch(rows, fields).map(reader::apply);
      }
    } catch (SQLException e) {
      throw DatabaseFailures.of(e);
    }
  }

  private static void bind(PreparedStatement statement, Object[] values) throws SQLException {
    for (var i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }
}
