package io.turboprop.store;

import io.turboprop.postgres.StoreException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.ResultQuery;
import org.jspecify.annotations.Nullable;

/**
 * Statements in plain JDBC, each a transaction of its own unless said otherwise; for what runs
 * often or returns rows of ours. Failures are {@link StoreException} with the SQL's own as cause.
 */
public record Statements(Database database) {

  /** Sets the parameters of a statement. */
  interface Parameters {
    void set(PreparedStatement statement) throws SQLException;

    /**
     * Null, texts, bytes, moments, numbers, truth values, and arrays of texts or longs, in order.
     */
    static Parameters of(@Nullable Object... values) {
      return statement -> {
        for (int i = 0; i < values.length; i++) {
          set(statement, i + 1, values[i]);
        }
      };
    }

    /** PostgreSQL has no text with a NUL in it. */
    private static void set(PreparedStatement statement, int index, @Nullable Object value)
        throws SQLException {
      switch (value) {
        case null -> statement.setNull(index, Types.NULL);
        case String text -> statement.setString(index, text.replace("\0", ""));
        case byte[] bytes -> statement.setBytes(index, bytes);
        case Instant moment -> statement.setObject(index, moment.atOffset(ZoneOffset.UTC));
        case String[] texts -> statement.setArray(index, array(statement, "text", texts));
        case Long[] numbers -> statement.setArray(index, array(statement, "int8", numbers));
        default -> statement.setObject(index, value);
      }
    }

    private static Array array(PreparedStatement statement, String type, Object[] elements)
        throws SQLException {
      return statement.getConnection().createArrayOf(type, elements);
    }
  }

  /** Reads the current row of a result. */
  interface Reader<T> {
    T read(ResultRow row) throws SQLException;
  }

  /** Several statements that make one transaction. */
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Commits what the work has done, or takes all of it back when it fails. */
  <T> T transaction(Work<T> work) {
    return database.transaction(transaction -> transaction.connectionResult(work::on));
  }

  /** All rows. */
  <T> List<T> list(String sql, Parameters parameters, Reader<T> reader) {
    try (var connection = database.dataSource().getConnection()) {
      return list(connection, sql, parameters, reader);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** All rows, as part of a transaction. */
  static <T> List<T> list(
      Connection connection, String sql, Parameters parameters, Reader<T> reader)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      parameters.set(statement);
      try (var result = statement.executeQuery()) {
        return all(result, reader);
      }
    }
  }

  /** The first row. */
  <T> Optional<T> first(String sql, Parameters parameters, Reader<T> reader) {
    return list(sql, parameters, reader).stream().findFirst();
  }

  /** How many rows were changed. */
  int update(String sql, Parameters parameters) {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.prepareStatement(sql)) {
      parameters.set(statement);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** All rows of a query whose conditions were put together. */
  static <T> List<T> list(ResultQuery<?> query, Reader<T> reader) {
    try (var result = query.fetchResultSet()) {
      return all(result, reader);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  private static <T> List<T> all(ResultSet result, Reader<T> reader) throws SQLException {
    var rows = new ArrayList<T>();
    while (result.next()) {
      rows.add(reader.read(new ResultRow(result)));
    }
    return rows;
  }

  public static StoreException failure(SQLException e) {
    return DatabaseFailures.of(e);
  }
}
