package io.turboprop.admin.transport;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.Calls.Outcome.Answered;
import io.turboprop.admin.transport.Calls.Outcome.Refused;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * REST: finds the method of a path, makes its request of path, query and body, and writes the
 * answer, as grpc-gateway does.
 *
 * <p>Armeria's own transcoding knows one spelling of JSON and no binary bodies; the console and
 * FlyteAdmin's other clients need all three of {@link Encoding}.
 */
final class Gateway implements HttpService {
  private final List<HttpRoute> routes;
  private final Calls calls;
  private final Handlers handlers;

  Gateway(List<RpcTable> tables, Calls calls, Handlers handlers) {
    this.routes =
        tables.stream()
            .flatMap(table -> table.rpcs().stream())
            .flatMap(rpc -> HttpRoute.of(rpc).stream())
            .toList();
    this.calls = calls;
    this.handlers = handlers;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (!BodyTypes.areRead(request.headers())) {
      return HttpErrors.response(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          Code.INVALID_ARGUMENT,
          "a body is application/json or application/octet-stream (Content-Type)");
    }
    return HttpResponse.of(
        request.aggregate().thenApplyAsync(whole -> answer(context, whole), handlers.of(context)));
  }

  private HttpResponse answer(ServiceRequestContext context, AggregatedHttpRequest request) {
    var encoding = Encoding.ofResponse(request.headers());
    try {
      var path = segments(context.path());
      for (var route : routes) {
        var fields = route.match(path);
        if (fields.isPresent() && route.verb().equals(request.method().name())) {
          var query = QueryParams.fromQueryString(context.query() == null ? "" : context.query());
          return call(route, route.rpc(), fields.get(), query, request, encoding);
        }
      }
      throw routes.stream().anyMatch(route -> route.match(path).isPresent())
          ? new AdminException(Code.UNIMPLEMENTED, "Method Not Allowed")
          : AdminException.notFound("Not Found");
    } catch (AdminException refusal) {
      return response(Errors.status(refusal), encoding);
    }
  }

  private <Q extends Message, A extends Message> HttpResponse call(
      HttpRoute route,
      Rpc<Q, A> rpc,
      Map<String, String> fields,
      QueryParams query,
      AggregatedHttpRequest http,
      Encoding encoding) {
    var request = request(route, rpc, fields, query, http);
    return switch (calls.call(rpc, request)) {
      case Answered<A>(var answer) -> response(HttpStatus.OK, encoding, answer);
      case Refused<A>(var status) -> response(status, encoding);
    };
  }

  /** The path outranks the body; a query is only read where the body is not the whole request. */
  @SuppressWarnings("unchecked") // a builder of Q builds Q
  private static <Q extends Message> Q request(
      HttpRoute route,
      Rpc<Q, ?> rpc,
      Map<String, String> fields,
      QueryParams query,
      AggregatedHttpRequest http) {
    var builder = rpc.emptyRequest().newBuilderForType();
    if (!route.body().isEmpty()) {
      readBody(route.body(), builder, http);
    }
    if (!route.body().equals("*")) {
      query.forEach((path, text) -> FieldPaths.set(builder, path, text));
    }
    fields.forEach((path, text) -> FieldPaths.set(builder, path, text));
    return (Q) builder.build();
  }

  private static void readBody(String body, Message.Builder builder, AggregatedHttpRequest http) {
    if (http.content().isEmpty()) {
      return;
    }
    var target =
        body.equals("*")
            ? builder
            : builder.getFieldBuilder(builder.getDescriptorForType().findFieldByName(body));
    Encoding.ofRequest(http.headers()).read(http.content().toInputStream(), target);
  }

  private static List<String> segments(String path) {
    return Arrays.stream(path.substring(1).split("/", -1)).map(Gateway::decoded).toList();
  }

  private static String decoded(String segment) {
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw AdminException.invalidArgument("malformed path: " + malformed.getMessage());
    }
  }

  private static HttpResponse response(Status status, Encoding encoding) {
    return response(HttpStatus.valueOf(Errors.httpStatus(status.getCode())), encoding, status);
  }

  private static HttpResponse response(HttpStatus status, Encoding encoding, Message message) {
    HttpData body = encoding.write(message);
    return HttpResponse.of(status, encoding.mediaType(), body);
  }
}
