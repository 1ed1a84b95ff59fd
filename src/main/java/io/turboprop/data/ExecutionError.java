package io.turboprop.data;

import java.nio.charset.StandardCharsets;

/**
 * Why a node or an execution failed, as {@code flyteidl.core.ExecutionError}.
 *
 * @param code Flyte's code, e.g. {@code USER:ValueError}; never empty
 * @param kind whose budget a retry is taken from
 */
public record ExecutionError(String code, String message, Kind kind) {
  /** Stands for what is left out of a message. */
  static final String TRUNCATED = "\n... <Message Truncated> ...\n";

  private static final int MESSAGE_BYTES_MAX = 100 * 1024;

  /** The side at fault; numbers are those of {@code flyteidl.core.ExecutionError.ErrorKind}. */
  public enum Kind {
    UNKNOWN,
    USER,
    SYSTEM
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
   * This error with a message that can be stored and published: of one with more than 100 KiB the
   * middle is left out (engine §9.5).
   */
  public ExecutionError trimmed() {
    var bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MESSAGE_BYTES_MAX) {
      return this;
    }
    var half = MESSAGE_BYTES_MAX / 2;
    var head = new String(bytes, 0, half, StandardCharsets.UTF_8);
    var tail = new String(bytes, bytes.length - half, half, StandardCharsets.UTF_8);
    return new ExecutionError(code, head + TRUNCATED + tail, kind);
  }
}
