package io.turboprop.postgres;

/**
 * The database can't be started or reached, is in an unknown state, or refuses a request. The
 * message is for users: it says what to do, and shows neither SQL nor a class. The cause has the
 * details.
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
