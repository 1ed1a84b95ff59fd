package io.turboprop.workflow.entity;

/**
 * Another entity of the same execution has written a step of this number: this entity is not the
 * owner any more and has to stop.
 */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
