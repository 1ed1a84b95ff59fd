package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import org.jspecify.annotations.Nullable;

/** What several tables hold in the same columns, between a row and values of ours. */
final class Rows {
  private Rows() {}

  /** The column of values that are in the row itself. */
  static byte @Nullable [] inline(@Nullable Values values) {
    return values instanceof Values.Inline(var literals) ? literals.bytes().toByteArray() : null;
  }

  /** The column that says where values are. */
  static @Nullable String uri(@Nullable Values values) {
    return values instanceof Values.Stored(var place) ? place.uri() : null;
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
        : new ExecutionError(code, message, ExecutionError.Kind.values()[kind == null ? 0 : kind]);
  }

  /** No bytes where the column is null. */
  static ByteString bytes(byte @Nullable [] column) {
    return column == null ? ByteString.EMPTY : ByteString.copyFrom(column);
  }

  /** PostgreSQL has no NUL in a text; it is left out. */
  static String withoutNul(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace("\0", "");
  }
}
