package io.turboprop.data;

import java.nio.charset.StandardCharsets;

/**
 * Why a node or an execution failed, as {@code flyteidl.core.ExecutionError}.
 *
 * @param code Flyte's code, e.g. {@code USER:ValueError}; never empty
 * @param kind the kind whose retry budget a retry uses
 */
public record ExecutionError(String code, String message, Kind kind) {
  /** Replaces the part of a message that is left out. */
  static final String TRUNCATED = "\n... <Message Truncated> ...\n";

  private static final String TRUNCATED_BY = "\n... <Message Truncated, %d bytes left out> ...\n";

  private static final int MESSAGE_BYTES_MAX = 100 * 1024;

  /** The side at fault; the numbers are those of {@code flyteidl.core.ExecutionError.ErrorKind}. */
  public enum Kind {
    UNKNOWN(0),
    USER(1),
    SYSTEM(2);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** The number by which rows and messages refer to it; it never changes. */
    public int number() {
      return number;
    }

    /**
     * The constant of a stored number.
     *
     * @throws IllegalArgumentException when this version does not know it
     */
    public static Kind of(int number) {
      for (var known : values()) {
        if (known.number == number) {
          return known;
        }
      }
      throw new IllegalArgumentException("unknown kind of error: " + number);
    }
  }

  /** An error of the user's code or input. */
  public static ExecutionError user(String code, String message) {
    return new ExecutionError(code, message, Kind.USER);
  }

  /** An error of the platform. */
  public static ExecutionError system(String code, String message) {
    return new ExecutionError(code, message, Kind.SYSTEM);
  }

  /**
   * This error with a message that can be stored and published: a message of more than 100 KiB
   * loses its middle.
   */
  public ExecutionError trimmed() {
    return message.length() <= MESSAGE_BYTES_MAX / 3
        ? this
        : new ExecutionError(code, cut(message, MESSAGE_BYTES_MAX, TRUNCATED), kind);
  }

  /**
   * This error with a message of at most this many bytes in UTF-8. A mark replaces the middle of a
   * longer message and says how much is left out; the mark adds to the length.
   */
  public ExecutionError trimmed(int messageBytesMax) {
    return message.length() <= messageBytesMax / 3
        ? this
        : new ExecutionError(code, trimmed(message, messageBytesMax), kind);
  }

  /** A text of at most this many bytes plus the mark, as in {@link #trimmed(int)}. */
  public static String trimmed(String text, int bytesMax) {
    var bytes = text.getBytes(StandardCharsets.UTF_8).length;
    return cut(text, bytesMax, TRUNCATED_BY.formatted(bytes - bytesMax));
  }

  private static String cut(String text, int bytesMax, String mark) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= bytesMax) {
      return text;
    }
    var half = bytesMax / 2;
    return new String(bytes, 0, half, StandardCharsets.UTF_8)
        + mark
        + new String(bytes, bytes.length - half, half, StandardCharsets.UTF_8);
  }
}
