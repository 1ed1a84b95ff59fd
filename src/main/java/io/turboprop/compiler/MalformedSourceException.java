package io.turboprop.compiler;

/** A file can't be read, or holds nothing that the compiler accepts; the message names the file. */
public final class MalformedSourceException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedSourceException(String file, String reason) {
    super(file + ": " + reason);
  }

  MalformedSourceException(String file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }
}
