package io.turboprop.data;

/**
 * Marks an exception that tells of an outage: something that the engine stands on (the database,
 * the blob store) can't be reached, or has too much to do. An outage passes, however long it takes.
 * So the caller waits and tries again: an outage costs no attempt of a task, and is no fault of the
 * execution that met it.
 */
public interface Outage {

  /** Whether a failure is an outage, or was caused by one. */
  static boolean isCauseOf(Throwable failure) {
    return failure instanceof Outage
        || (failure.getCause() instanceof Throwable cause && cause != failure && isCauseOf(cause));
  }
}
