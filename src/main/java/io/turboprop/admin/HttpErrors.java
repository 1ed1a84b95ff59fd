package io.turboprop.admin;

import com.google.rpc.Status;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import org.jspecify.annotations.Nullable;

/** Answers outside of any method have the same body as refusals: code, message, details. */
final class HttpErrors implements ServerErrorHandler {

  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    return switch (cause) {
      case ContentTooLargeException _ ->
          response(HttpStatus.REQUEST_ENTITY_TOO_LARGE, Code.RESOURCE_EXHAUSTED, "too large");
      case RequestTimeoutException _ ->
          response(HttpStatus.GATEWAY_TIMEOUT, Code.DEADLINE_EXCEEDED, "no answer in time");
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
    return AggregatedHttpResponse.of(status, MediaType.JSON_UTF_8, body(code(status), message));
  }

  /** A refusal as JSON, whatever the client accepts. */
  static HttpResponse response(Status status) {
    return HttpResponse.of(
        HttpStatus.valueOf(Errors.httpStatus(status.getCode())),
        MediaType.JSON_UTF_8,
        Encoding.CAMEL_JSON.print(status));
  }

  /** An answer of its own status. */
  static HttpResponse response(HttpStatus status, Code code, String message) {
    return HttpResponse.of(status, MediaType.JSON_UTF_8, body(code, message));
  }

  private static String body(Code code, String message) {
    return Encoding.CAMEL_JSON.print(
        Status.newBuilder().setCode(code.value()).setMessage(message).build());
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
