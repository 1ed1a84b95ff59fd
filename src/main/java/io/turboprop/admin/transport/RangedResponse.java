package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.ByteRange.Part;
import io.turboprop.admin.transport.ByteRange.Unsatisfiable;
import io.turboprop.admin.transport.ByteRange.Whole;
import java.io.IOException;

/** The answer to GET or HEAD of a file that a task has written: the whole file or a range. */
public final class RangedResponse {
  private RangedResponse() {}

  /** Reads the bytes from {@code start} (inclusive) to {@code end} (exclusive). */
  @FunctionalInterface
  public interface Content {
    StreamMessage<HttpData> read(long start, long end) throws IOException;
  }

  /**
   * @param size the size of the whole file, in bytes
   * @param content called once, or not at all for HEAD or an empty part
   */
  public static HttpResponse of(RequestHeaders request, MediaType type, long size, Content content)
      throws IOException {
    return switch (ByteRange.of(request, size)) {
      case Whole _ -> answer(request, headers(HttpStatus.OK, type), 0, size, content);
      case Part part -> {
        var headers =
            headers(HttpStatus.PARTIAL_CONTENT, type).toBuilder()
                .set(HttpHeaderNames.CONTENT_RANGE, part.contentRange(size))
                .build();
        yield answer(request, headers, part.start(), part.end(), content);
      }
      case Unsatisfiable _ ->
          HttpErrors.response(
                  HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                  Code.OUT_OF_RANGE,
                  "the file has %d bytes".formatted(size))
              .mapHeaders(headers ->
                  headers.withMutations(
                      more -> more.set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + size)));
    };
  }

  private static HttpResponse answer(
      RequestHeaders request, ResponseHeaders headers, long start, long end, Content content)
      throws IOException {
    var sized = headers.toBuilder().contentLength(end - start).build();
    return request.method() == HttpMethod.HEAD || start == end
        ? HttpResponse.of(sized)
        : HttpResponse.of(sized, content.read(start, end));
  }

  private static ResponseHeaders headers(HttpStatus status, MediaType type) {
    return ResponseHeaders.builder(status)
        .contentType(type)
        .set(HttpHeaderNames.ACCEPT_RANGES, "bytes")
        .add(TaskContent.HEADERS)
        .build();
  }
}
