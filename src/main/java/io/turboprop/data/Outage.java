package io.turboprop.data;

/**
 * Marks an exception as an outage: a service that the engine depends on (the database, the blob
 * store, FlyteAdmin, the Kubernetes API) is unreachable or overloaded. An outage passes, however
 * long it takes, so the caller waits and tries again. An outage costs no attempt of a task and does
 * not park the execution.
 */
public interface Outage {

  /** Whether a failure is an outage, or was caused by one. */
  static boolean isCauseOf(Throwable failure) {
    return failure instanceof Outage
        || (failure.getCause() instanceof Throwable cause && cause != failure && isCauseOf(cause));
  }
}
