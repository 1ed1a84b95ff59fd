package io.turboprop.store;

import io.turboprop.data.Outage;
import io.turboprop.postgres.StoreException;
import java.sql.SQLException;

/**
 * The database can't be reached, is read-only, has too much to do, or took the statement back: the
 * same statement succeeds later.
 */
public final class DatabaseOutageException extends StoreException implements Outage {
  private static final long serialVersionUID = 1L;

  DatabaseOutageException(String message, SQLException cause) {
    super(message, cause);
  }
}
