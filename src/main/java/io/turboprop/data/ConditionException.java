package io.turboprop.data;

/** A condition can't be evaluated with the inputs of its branch. */
public final class ConditionException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConditionException(String message) {
    super(message);
  }
}
