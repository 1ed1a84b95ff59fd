package io.turboprop.admin.transport;

import com.google.protobuf.Message;
import io.grpc.Status.Code;
import java.util.List;

/**
 * The refusal of a call: the request is invalid, or can't be served now. It has no stack trace,
 * since it is not a bug of the engine.
 *
 * <p>{@link Errors} turns it into a gRPC status or an HTTP answer. Of the codes, {@code UNKNOWN}
 * and {@code UNAUTHENTICATED} are never used: flytekit reacts to both with a login.
 */
public final class AdminException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;
  private final String message;
  private final transient List<Message> details;

  public AdminException(Code code, String message) {
    this(code, message, List.of());
  }

  /**
   * @param details the reason for programs, as {@code google.rpc.Status.details}
   */
  public AdminException(Code code, String message, List<Message> details) {
    super(message, null, false, false);
    this.code = code;
    this.message = message;
    this.details = List.copyOf(details);
  }

  /** The request is wrong in itself, or does not fit what is registered. */
  public static AdminException invalidArgument(String message) {
    return new AdminException(Code.INVALID_ARGUMENT, message);
  }

  /** A required field is empty. */
  public static AdminException missing(String field) {
    return invalidArgument("missing " + field);
  }

  /** The object does not exist; flytekit uses this code as control flow. */
  public static AdminException notFound(String message) {
    return new AdminException(Code.NOT_FOUND, message);
  }

  /** The same object exists already; clients treat this as success of a registration. */
  public static AdminException alreadyExists(String message) {
    return new AdminException(Code.ALREADY_EXISTS, message);
  }

  public Code code() {
    return code;
  }

  @Override
  public String getMessage() {
    return message;
  }

  /** Whether the same request may succeed later, because the reason lies with the server. */
  public boolean mayPass() {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED, INTERNAL, UNKNOWN, DATA_LOSS -> true;
      case OK,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          UNAUTHENTICATED ->
          false;
    };
  }

  public List<Message> details() {
    return details;
  }
}
