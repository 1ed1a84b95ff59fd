package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The current row of a result, read as values of ours. */
record ResultRow(ResultSet result) {

  String text(String column) throws SQLException {
    return result.getString(column);
  }

  @Nullable String nullableText(String column) throws SQLException {
    return result.getString(column);
  }

  /** The elements of an array; none where the column is null. */
  List<String> nullableTexts(String column) throws SQLException {
    var array = result.getArray(column);
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  long number(String column) throws SQLException {
    return result.getLong(column);
  }

  @Nullable Long nullableNumber(String column) throws SQLException {
    return result.getObject(column, Long.class);
  }

  int integer(String column) throws SQLException {
    return result.getInt(column);
  }

  @Nullable Integer nullableInteger(String column) throws SQLException {
    return result.getObject(column, Integer.class);
  }

  boolean bool(String column) throws SQLException {
    return result.getBoolean(column);
  }

  /** No bytes where the column is null. */
  ByteString bytes(String column) throws SQLException {
    var bytes = result.getBytes(column);
    return bytes == null ? ByteString.EMPTY : ByteString.copyFrom(bytes);
  }

  Instant instant(String column) throws SQLException {
    return result.getObject(column, OffsetDateTime.class).toInstant();
  }

  @Nullable Instant nullableInstant(String column) throws SQLException {
    var moment = result.getObject(column, OffsetDateTime.class);
    return moment == null ? null : moment.toInstant();
  }

  Timestamps moments(String created) throws SQLException {
    return new Timestamps(
        instant(created),
        nullableInstant("started_at"),
        instant("updated_at"),
        nullableInstant("ended_at"));
  }

  /** From two columns: the values, or where they are. */
  @Nullable Values values(String column) throws SQLException {
    var place = result.getString(column + "_uri");
    if (place != null) {
      return new Values.Stored(new DataReference(place));
    }
    var bytes = result.getBytes(column);
    return bytes == null ? null : new Values.Inline(Literals.parse(ByteString.copyFrom(bytes)));
  }

  @Nullable ExecutionError error() throws SQLException {
    var code = result.getString("error_code");
    return code == null
        ? null
        : new ExecutionError(
            code,
            result.getString("error_message"),
            ExecutionError.Kind.values()[result.getInt("error_kind")]);
  }

  ExecutionId execution() throws SQLException {
    return new ExecutionId(text("project"), text("domain"), text("name"));
  }

  EntityId entity(EntityId.Kind kind, String prefix) throws SQLException {
    return new EntityId(
        kind,
        text(prefix + "_project"),
        text(prefix + "_domain"),
        text(prefix + "_name"),
        text(prefix + "_version"));
  }
}
