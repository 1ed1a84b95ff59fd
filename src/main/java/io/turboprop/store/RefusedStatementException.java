package io.turboprop.store;

import io.turboprop.postgres.StoreException;
import java.sql.SQLException;

/**
 * The database refuses a statement whatever its rows hold: a table or column is not there, a
 * permission is missing, a trigger raised an error, or the server itself failed. The statement
 * fails until the database or the engine is repaired. So the caller does not repeat the statement,
 * and parks only the execution that needs it.
 */
public final class RefusedStatementException extends StoreException {
  private static final long serialVersionUID = 1L;

  RefusedStatementException(String message, SQLException cause) {
    super(message, cause);
  }
}
