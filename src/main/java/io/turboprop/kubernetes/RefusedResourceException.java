package io.turboprop.kubernetes;

import io.turboprop.data.ExecutionError;

/** A resource can't become an execution, and trying it again does not help. */
final class RefusedResourceException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ExecutionError error;

  /**
   * @param error the error for the status of the resource
   */
  RefusedResourceException(ExecutionError error) {
    super(error.message());
    this.error = error;
  }

  ExecutionError error() {
    return error;
  }
}
