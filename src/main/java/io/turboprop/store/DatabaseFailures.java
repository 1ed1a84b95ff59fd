package io.turboprop.store;

import io.turboprop.postgres.StoreException;
import io.turboprop.store.RefusedRowException.Reason;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Optional;
import java.util.Set;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/**
 * The one place that knows what an SQLSTATE means for the caller (PostgreSQL's manual, appendix A).
 *
 * <ul>
 *   <li>{@link DatabaseOutageException}: no connection in time, and the classes and states below.
 *   <li>{@link RefusedRowException}: data (22), constraints (23, 44), limits (54).
 *   <li>{@link RefusedStatementException}: all else, such as a missing column (42), an error that a
 *       trigger raised (P0), an internal error of the server (XX).
 * </ul>
 */
public final class DatabaseFailures {
  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final String UNIQUE_VIOLATION = "23505";

  /**
   * Connection (08), authorization (28), a database that is not there (3D), transaction taken back
   * (40), resources (53), object in use or locked (55), shutdown or cancelled (57, with 57014),
   * input and output of the server (58).
   */
  private static final Set<String> OUTAGES = Set.of("08", "28", "3D", "40", "53", "55", "57", "58");

  private static final Set<String> ROWS = Set.of("22", "23", "44", "54");
  private static final int STATE_LENGTH = 5;
  private static final int CLASS_LENGTH = 2;

  private DatabaseFailures() {}

  /** The typed failure for what the driver or the pool has thrown. */
  public static StoreException of(SQLException failure) {
    var state = failure.getSQLState();
    if (failure instanceof SQLTransientException
        || state == null
        || state.length() != STATE_LENGTH
        || state.equals(READ_ONLY_TRANSACTION)
        || OUTAGES.contains(state.substring(0, CLASS_LENGTH))) {
      return new DatabaseOutageException(
          "the database can't be reached or is overloaded" + inBrackets(state), failure);
    }
    return ROWS.contains(state.substring(0, CLASS_LENGTH))
        ? new RefusedRowException(
            "the database refuses a row" + inBrackets(state), reason(state), failure)
        : new RefusedStatementException(
            "the database refuses a statement; its log says why" + inBrackets(state), failure);
  }

  /** The same for what jOOQ throws outside of a statement, e.g. at a commit. */
  static RuntimeException of(DataAccessException failure) {
    return sqlCause(failure).<RuntimeException>map(DatabaseFailures::of).orElse(failure);
  }

  private static Optional<SQLException> sqlCause(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return Optional.of(sql);
      }
    }
    return Optional.empty();
  }

  private static Reason reason(String state) {
    if (state.equals(UNIQUE_VIOLATION)) {
      return Reason.DUPLICATE;
    }
    return state.startsWith("22") ? Reason.VALUE : Reason.OTHER;
  }

  private static String inBrackets(@Nullable String state) {
    return state == null ? "" : " (SQLSTATE " + state + ")";
  }
}
