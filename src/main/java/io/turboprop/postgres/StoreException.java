package io.turboprop.postgres;

/**
 * The database can't be had, can't be trusted, or refuses. The message is for users: it says what
 * to do, and shows neither SQL nor a class; the cause has the rest.
 */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
