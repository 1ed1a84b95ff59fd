package io.turboprop.admin.transport;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.DebugInfo;
import com.google.rpc.Status;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.ShuttingDownException;
import com.linecorp.armeria.common.stream.CancelledSubscriptionException;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.turboprop.data.DataStore.NoSpaceException;
import io.turboprop.data.Outage;
import io.turboprop.postgres.StoreException;
import io.turboprop.store.DatabaseOutageException;
import io.turboprop.store.ListQuery.InvalidQueryException;
import io.turboprop.store.RefusedRowException;
import io.turboprop.store.RefusedRowException.Reason;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table that maps exceptions to statuses for clients, for gRPC and REST alike.
 *
 * <p>Clients depend on the codes: {@code NOT_FOUND} and {@code ALREADY_EXISTS} are control flow,
 * clients retry {@code UNAVAILABLE}; {@code UNKNOWN} and {@code UNAUTHENTICATED} make them start a
 * login. So the server never sends the last two.
 */
public final class Errors {
  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

  /** The longest message, in bytes of UTF-8, as in FlyteAdmin. */
  private static final int MESSAGE_BYTES_MAX = 32_000;

  /** The longest text of details, in characters. */
  private static final int DETAIL_LENGTH_MAX = 1024 * 1024;

  private Errors() {}

  /**
   * The status for the client. Unexpected exceptions are logged here, once, with their stack trace.
   */
  public static Status status(Throwable thrown) {
    return switch (unwrapped(thrown)) {
      case AdminException refusal -> status(refusal);
      case InvalidQueryException invalid -> status(Code.INVALID_ARGUMENT, invalid.getMessage());
      case RejectedExecutionException _ ->
          RetryHint.in(
              status(Code.RESOURCE_EXHAUSTED, "too many calls are waiting; try again later"));
      case StatusRuntimeException grpc
          when grpc.getCause() instanceof InvalidProtocolBufferException malformed ->
          status(Code.INVALID_ARGUMENT, "malformed request: " + malformed.getMessage());
      case StatusRuntimeException grpc ->
          status(known(grpc.getStatus()), description(grpc.getStatus()));
      case StatusException grpc -> status(known(grpc.getStatus()), description(grpc.getStatus()));
      case ShuttingDownException _ ->
          RetryHint.in(
              status(Code.UNAVAILABLE, "this node is stopping; try again, at another node"));
      case TimeoutException _ -> status(Code.DEADLINE_EXCEEDED, "no answer in time");
      case RequestTimeoutException _ -> status(Code.DEADLINE_EXCEEDED, "no answer in time");
      case ContentTooLargeException large -> status(Code.RESOURCE_EXHAUSTED, message(large));
      case HttpStatusException http when http.getCause() != null -> status(http.getCause());
      case ClosedStreamException _ -> status(Code.CANCELLED, "the client has left");
      case CancelledSubscriptionException _ -> status(Code.CANCELLED, "the client has left");
      case NoSpaceException full -> noSpace(full);
      case UncheckedIOException unchecked
          when unchecked.getCause() instanceof NoSpaceException full ->
          noSpace(full);
      case Throwable other when isBadValue(other) ->
          status(Code.INVALID_ARGUMENT, "a value that cannot be stored or compared");
      case Throwable other when isDatabaseAway(other) -> databaseAway(other);
      case Throwable other when Outage.isCauseOf(other) -> storeAway(other);
      case Throwable other -> bug(other);
    };
  }

  /** The HTTP status that goes with a gRPC code, as grpc-gateway pairs them. */
  public static int httpStatus(int code) {
    return switch (io.grpc.Status.fromCodeValue(code).getCode()) {
      case OK -> 200;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case CANCELLED -> 499;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }

  /** The limit of calls counts the headers as well, so it is a little above the setting. */
  static String message(ContentTooLargeException large) {
    return "the request has more than %d bytes, which turboprop.admin.message-max limits (for files: turboprop.admin.upload-max)"
        .formatted(large.maxContentLength());
  }

  private static Status status(AdminException refusal) {
    return status(refusal.code(), refusal.getMessage()).toBuilder()
        .addAllDetails(refusal.details().stream().map(Any::pack).toList())
        .build();
  }

  /** The details hold more of a message that is cut: all of it, up to a mebibyte. */
  private static Status status(Code code, String whole) {
    var message = GivenValue.shortened(whole, DETAIL_LENGTH_MAX);
    var status = Status.newBuilder().setCode(code.value());
    var bytes = message.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MESSAGE_BYTES_MAX
        ? status.setMessage(message).build()
        : status
            .setMessage(cut(message, bytes))
            .addDetails(Any.pack(DebugInfo.newBuilder().setDetail(message).build()))
            .build();
  }

  private static Status databaseAway(Throwable thrown) {
    LOG.warn("the database cannot be reached: {}", thrown.toString());
    return RetryHint.in(status(Code.UNAVAILABLE, "the database cannot be reached; try again"));
  }

  private static Status noSpace(NoSpaceException full) {
    LOG.error("the disk is full: {}", full.getMessage());
    return status(Code.RESOURCE_EXHAUSTED, "the server's disk is full");
  }

  private static Status bug(Throwable thrown) {
    var reference = UUID.randomUUID().toString().substring(0, 8);
    LOG.error("unexpected failure {}", reference, thrown);
    return status(Code.INTERNAL, "internal error; the server's log has it as " + reference);
  }

  private static Code known(io.grpc.Status status) {
    return switch (status.getCode()) {
      case UNKNOWN, UNAUTHENTICATED -> Code.INTERNAL;
      case OK,
          CANCELLED,
          INVALID_ARGUMENT,
          DEADLINE_EXCEEDED,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS ->
          status.getCode();
    };
  }

  private static String description(io.grpc.Status status) {
    var description = status.getDescription();
    return description == null ? status.getCode().name() : description;
  }

  /** True for a value that the database can't hold: a NUL in a text, a number out of range. */
  private static boolean isBadValue(Throwable thrown) {
    return storeCause(thrown)
        .filter(
            failure -> failure instanceof RefusedRowException row && row.reason() == Reason.VALUE)
        .isPresent();
  }

  private static Status storeAway(Throwable thrown) {
    LOG.warn("the blob store cannot be reached", thrown);
    return status(Code.UNAVAILABLE, "the blob store cannot be reached; try again");
  }

  private static boolean isDatabaseAway(Throwable thrown) {
    return storeCause(thrown).filter(DatabaseOutageException.class::isInstance).isPresent();
  }

  private static Optional<StoreException> storeCause(Throwable thrown) {
    for (var cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof StoreException failure) {
        return Optional.of(failure);
      }
    }
    return Optional.empty();
  }

  private static Throwable unwrapped(Throwable thrown) {
    var cause = thrown.getCause();
    return cause != null
            && (thrown instanceof CompletionException || thrown instanceof ExecutionException)
        ? unwrapped(cause)
        : thrown;
  }

  private static String cut(String message, byte[] bytes) {
    var end = MESSAGE_BYTES_MAX;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    var head = new String(bytes, 0, end, StandardCharsets.UTF_8);
    return "%s\n… and %d more characters, in the details of REST"
        .formatted(head, message.length() - head.length());
  }
}
