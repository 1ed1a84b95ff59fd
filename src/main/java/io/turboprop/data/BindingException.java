package io.turboprop.data;

/** The inputs of a node can't be made from the values that its bindings refer to. */
public final class BindingException extends Exception {
  private static final long serialVersionUID = 1L;

  public BindingException(String message) {
    super(message);
  }
}
