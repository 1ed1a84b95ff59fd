package io.turboprop.admin.transport;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import java.util.List;

/**
 * Says to clients when to repeat a call that the server was too busy for: {@code
 * google.rpc.RetryInfo} among the details of the status, and {@code Retry-After} over HTTP.
 */
public final class RetryHint {
  /** How long a client should wait. */
  static final int SECONDS = 1;

  private static final RetryInfo INFO =
      RetryInfo.newBuilder().setRetryDelay(Duration.newBuilder().setSeconds(SECONDS)).build();

  private RetryHint() {}

  /** A call that would be served if there were less to do; {@code RESOURCE_EXHAUSTED}. */
  public static AdminException refusal(String reason) {
    return new AdminException(Code.RESOURCE_EXHAUSTED, reason + "; try again later", List.of(INFO));
  }

  /** The same status with the hint. */
  static Status in(Status status) {
    return status.toBuilder().addDetails(Any.pack(INFO)).build();
  }

  /** Whether the status has the hint. */
  static boolean isIn(Status status) {
    return status.getDetailsList().stream().anyMatch(detail -> detail.is(RetryInfo.class));
  }
}
