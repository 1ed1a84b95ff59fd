package io.turboprop.data;

/**
 * Why a node or an execution failed, as {@code flyteidl.core.ExecutionError}.
 *
 * @param code Flyte's code, e.g. {@code USER:ValueError}; never empty
 * @param kind whose budget a retry is taken from
 */
public record ExecutionError(String code, String message, Kind kind) {

  /** Who is at fault; numbers are those of {@code flyteidl.core.ExecutionError.ErrorKind}. */
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
}
