package io.turboprop.store;

import io.turboprop.postgres.StoreException;
import java.sql.SQLException;

/**
 * The database refuses a row for what is in it: a value that it can't hold, a constraint, a limit
 * on sizes. The same row is refused for ever; other rows are not concerned.
 */
public final class RefusedRowException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** The reason of a refusal. */
  public enum Reason {
    /** A value that the database can't hold or compare: a NUL in a text, a number out of range. */
    VALUE,
    /** A row with the same unique key is there. */
    DUPLICATE,
    /** Another constraint, or a limit of the database. */
    OTHER
  }

  RefusedRowException(String message, Reason reason, SQLException cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
