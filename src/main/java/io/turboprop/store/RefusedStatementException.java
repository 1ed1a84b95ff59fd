package io.turboprop.store;

import io.turboprop.postgres.StoreException;
import java.sql.SQLException;

/**
 * The database refuses a statement whatever its rows hold: a table or column is not there, a
 * permission is missing, a trigger raised an error, or the server itself failed. Nothing changes
 * until somebody mends the database or the engine. So the caller does not repeat the statement, and
 * gives up only the execution that it was for, until later.
 */
public final class RefusedStatementException extends StoreException {
  private static final long serialVersionUID = 1L;

  RefusedStatementException(String message, SQLException cause) {
    super(message, cause);
  }
}
