package io.turboprop.workflow.entity;

/**
 * Another entity of the same execution, on another engine, has written a step of this number: this
 * entity is not the owner any more, and gives way.
 */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FencedException(String message, Throwable cause) {
    super(message, cause);
  }
}
