package io.turboprop.admin.transport;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.Calls.Outcome;
import io.turboprop.admin.transport.Calls.Outcome.Answered;
import io.turboprop.admin.transport.Calls.Outcome.Refused;
import io.turboprop.admin.transport.MemoryBudget.Share;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Serves REST like grpc-gateway: finds the method of a path, makes the request message from path,
 * query and body, and writes the answer.
 *
 * <p>Armeria's {@code HttpJsonTranscodingService} is not used. It knows one spelling of JSON and no
 * binary bodies, where the console and other clients of FlyteAdmin need all three of {@link
 * Encoding}; it leaves unset fields out of an answer; it answers a path that has another verb with
 * 404 or 405, where grpc-gateway has 501; and it reads and writes JSON by protobuf's own parser and
 * printer, on an event loop ({@link JsonReader}, {@link JsonWriter} say what is wrong with these).
 */
final class Gateway implements HttpService {
  /** Smaller answers are not compressed, since the headers would outweigh the gain. */
  private static final int COMPRESSED_BYTES_MIN = 1024;

  private static final Pattern ZERO_QUALITY = Pattern.compile(";q=0(\\.0*)?$");

  private final List<HttpRoute> routes;
  private final Calls calls;
  private final Handlers handlers;
  private final CodecThreads codecs;

  Gateway(List<RpcTable> tables, Calls calls, Handlers handlers, CodecThreads codecs) {
    this.routes =
        tables.stream()
            .flatMap(table -> table.rpcs().stream())
            .flatMap(rpc -> HttpRoute.of(rpc).stream())
            .toList();
    this.calls = calls;
    this.handlers = handlers;
    this.codecs = codecs;
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
        request
            .collect()
            .thenApplyAsync(
                parts -> answer(context, new Body(request.headers(), parts)),
                handlers.of(context)));
  }

  /** A body in its received parts, so that it is not held twice. */
  private record Body(RequestHeaders headers, List<HttpObject> parts) {
    long length() {
      return data().mapToLong(HttpData::length).sum();
    }

    InputStream stream() {
      return new SequenceInputStream(
          Collections.enumeration(data().map(HttpData::toInputStream).toList()));
    }

    private Stream<HttpData> data() {
      return parts.stream().filter(HttpData.class::isInstance).map(HttpData.class::cast);
    }
  }

  private HttpResponse answer(ServiceRequestContext context, Body request) {
    var headers = request.headers();
    var share = Admission.share(context);
    try {
      var path = segments(context.path());
      for (var route : routes) {
        var fields = route.match(path);
        if (fields.isPresent() && route.verb().equals(headers.method().name())) {
          var query = QueryParams.fromQueryString(context.query() == null ? "" : context.query());
          var status = call(route, route.rpc(), fields.get(), query, request, share);
          return response(status, headers, share);
        }
      }
      throw routes.stream().anyMatch(route -> route.match(path).isPresent())
          ? new AdminException(Code.UNIMPLEMENTED, "Method Not Allowed")
          : AdminException.notFound("Not Found");
    } catch (AdminException refusal) {
      return response(new Refused<>(Errors.status(refusal)), headers, share);
    }
  }

  private <Q extends Message, A extends Message> Outcome<A> call(
      HttpRoute route,
      Rpc<Q, A> rpc,
      Map<String, String> fields,
      QueryParams query,
      Body body,
      Share share) {
    var bytes = body.length();
    var parsing = Encoding.ofRequest(body.headers()).parsingBytes(bytes);
    return calls.call(
        rpc,
        codecs.run(
            bytes,
            () ->
                share.during(parsing, () -> request(route, rpc, fields, query, body, share::take))),
        share);
  }

  /**
   * Values of the path replace values of the body. The query is read only if the body is not the
   * whole request.
   */
  @SuppressWarnings("unchecked") // a builder of Q builds Q
  private static <Q extends Message> Q request(
      HttpRoute route,
      Rpc<Q, ?> rpc,
      Map<String, String> fields,
      QueryParams query,
      Body http,
      LongConsumer memory) {
    var builder = rpc.emptyRequest().newBuilderForType();
    if (!route.body().isEmpty()) {
      readBody(route.body(), builder, http, memory);
    }
    if (!route.body().equals("*")) {
      query.forEach((path, text) -> FieldPaths.set(builder, path, text));
    }
    fields.forEach((path, text) -> FieldPaths.set(builder, path, text));
    var request = (Q) builder.build();
    RequestValues.check(request);
    return request;
  }

  private static void readBody(
      String body, Message.Builder builder, Body http, LongConsumer memory) {
    if (http.length() == 0) {
      return;
    }
    var target =
        body.equals("*")
            ? builder
            : builder.getFieldBuilder(builder.getDescriptorForType().findFieldByName(body));
    Encoding.ofRequest(http.headers()).read(http.stream(), target, memory);
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

  private HttpResponse response(
      Outcome<? extends Message> outcome, RequestHeaders request, Share share) {
    return switch (outcome) {
      case Answered<? extends Message>(var answer) ->
          response(HttpStatus.OK, request, answer, share);
      case Refused<? extends Message>(var status) ->
          response(HttpStatus.valueOf(Errors.httpStatus(status.getCode())), request, status, share);
    };
  }

  private HttpResponse response(
      HttpStatus status, RequestHeaders request, Message message, Share share) {
    var size = message.getSerializedSize();
    share.take(size);
    var encoding = Encoding.ofResponse(request);
    var isCompressed = size >= COMPRESSED_BYTES_MIN && acceptsGzip(request);
    var body = codecs.run(size, () -> encoding.write(message, isCompressed));
    share.take(body.length());
    var headers = ResponseHeaders.builder(status).contentType(encoding.mediaType());
    headers.set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING.toString());
    if (isCompressed) {
      headers.set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
    }
    if (message instanceof Status refusal && RetryHint.isIn(refusal)) {
      headers.setInt(HttpHeaderNames.RETRY_AFTER, RetryHint.SECONDS);
    }
    return HttpResponse.of(headers.build(), body);
  }

  /** RFC 9110 §12.5.3: a coding with a quality of zero is not accepted. */
  private static boolean acceptsGzip(RequestHeaders request) {
    return Arrays.stream(request.get(HttpHeaderNames.ACCEPT_ENCODING, "").split(","))
        .map(coding -> coding.replace(" ", "").toLowerCase(Locale.ROOT))
        .anyMatch(coding ->
            (coding.equals("gzip") || coding.startsWith("gzip;"))
                && !ZERO_QUALITY.matcher(coding).find());
  }
}
