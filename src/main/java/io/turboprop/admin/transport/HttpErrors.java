package io.turboprop.admin.transport;

import com.google.rpc.Status;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import org.jspecify.annotations.Nullable;

/** Makes errors outside of any method look like refusals: code, message, details. */
public final class HttpErrors implements ServerErrorHandler {

  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    var peeled = Exceptions.peel(cause);
    if (isGrpc(context.request().headers())) {
      var status = GrpcStatus.fitting(Errors.status(peeled));
      return HttpResponse.of(grpc(status.getCode(), status.getMessage()));
    }
    return switch (peeled) {
      case ContentTooLargeException large ->
          response(
              HttpStatus.REQUEST_ENTITY_TOO_LARGE, Code.RESOURCE_EXHAUSTED, Errors.message(large));
      case HttpStatusException status -> {
        var http = status.httpStatus();
        yield response(http, code(http), http.reasonPhrase());
      }
      case Throwable other -> response(Errors.status(other));
    };
  }

  @Override
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    var message = description == null ? status.reasonPhrase() : description;
    if (isGrpc(headers) || (context != null && isGrpc(context.request().headers()))) {
      return AggregatedHttpResponse.of(grpc(code(status).value(), message));
    }
    return AggregatedHttpResponse.of(status, MediaType.JSON_UTF_8, body(code(status), message));
  }

  private static boolean isGrpc(@Nullable RequestHeaders headers) {
    return headers != null
        && headers.get(HttpHeaderNames.CONTENT_TYPE, "").startsWith("application/grpc");
  }

  /** A gRPC client turns the HTTP status 413 into UNKNOWN, and UNKNOWN makes it start a login. */
  private static ResponseHeaders grpc(int code, String message) {
    return ResponseHeaders.builder(HttpStatus.OK)
        .set(HttpHeaderNames.CONTENT_TYPE, "application/grpc+proto")
        .setInt("grpc-status", code)
        .set("grpc-message", message)
        .endOfStream(true)
        .build();
  }

  /** A refusal as JSON, whichever type the client accepts. */
  public static HttpResponse response(Status status) {
    var headers =
        ResponseHeaders.builder(HttpStatus.valueOf(Errors.httpStatus(status.getCode())))
            .contentType(MediaType.JSON_UTF_8);
    if (RetryHint.isIn(status)) {
      headers.setInt(HttpHeaderNames.RETRY_AFTER, RetryHint.SECONDS);
    }
    return HttpResponse.of(headers.build(), Encoding.CAMEL_JSON.write(status, false));
  }

  /** An answer with its own HTTP status. */
  public static HttpResponse response(HttpStatus status, Code code, String message) {
    return HttpResponse.of(status, MediaType.JSON_UTF_8, body(code, message));
  }

  private static HttpData body(Code code, String message) {
    return Encoding.CAMEL_JSON.write(
        Status.newBuilder().setCode(code.value()).setMessage(message).build(), false);
  }

  private static Code code(HttpStatus status) {
    return switch (status.code()) {
      case 403 -> Code.PERMISSION_DENIED;
      case 404 -> Code.NOT_FOUND;
      case 405, 501 -> Code.UNIMPLEMENTED;
      case 413, 429 -> Code.RESOURCE_EXHAUSTED;
      case 503 -> Code.UNAVAILABLE;
      case 504 -> Code.DEADLINE_EXCEEDED;
      default -> status.isClientError() ? Code.INVALID_ARGUMENT : Code.INTERNAL;
    };
  }
}
