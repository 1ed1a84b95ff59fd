package io.turboprop.compiler;

/** A file that cannot be read, or holds none of what the compiler takes; the message names it. */
public final class MalformedSourceException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedSourceException(String file, String reason) {
    super(file + ": " + reason);
  }

  MalformedSourceException(String file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }
}
