package io.turboprop.admin.data;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.Errors;
import io.turboprop.admin.transport.HttpErrors;
import io.turboprop.admin.transport.RangedResponse;
import io.turboprop.admin.transport.SignedLinkService;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.DataStore.NoSpaceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;

/**
 * Serves uploads and downloads by signed link: PUT writes an object whole or not at all, GET and
 * HEAD read it. Bodies are streamed, and never held in memory.
 */
public final class DataTransfer implements SignedLinkService {
  private final Links links;
  private final DataStore store;
  private final long uploadBytesMax;

  public DataTransfer(Links links, DataStore store, AdminSettings settings) {
    this.links = links;
    this.store = store;
    this.uploadBytesMax = settings.limits().uploadBytes();
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> answer(context, request), context.blockingTaskExecutor()));
  }

  private HttpResponse answer(ServiceRequestContext context, HttpRequest request) {
    try {
      return switch (request.method()) {
        case PUT -> upload(context, request);
        case GET, HEAD -> download(context, request.headers());
        case OPTIONS, POST, PATCH, DELETE, TRACE, CONNECT, UNKNOWN ->
            HttpResponse.of(HttpStatus.METHOD_NOT_ALLOWED);
      };
    } catch (AdminException refusal) {
      return HttpErrors.response(Errors.status(refusal));
    } catch (IOException failure) {
      return failed(failure);
    }
  }

  private HttpResponse upload(ServiceRequestContext context, HttpRequest request)
      throws IOException {
    var reference = verified(context, "PUT");
    if (request.headers().contentLength() > uploadBytesMax) {
      return tooLarge();
    }
    var expected = expectedMd5(context, request);
    try (var body = new Md5InputStream(request.split().body().toInputStream(), expected)) {
      store.write(reference, body, uploadBytesMax);
      return HttpResponse.of(
          ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.ETAG, '"' + body.md5() + '"'));
    }
  }

  /** The MD5 in the link, or else in the client's header; empty if there is none. */
  private static String expectedMd5(ServiceRequestContext context, HttpRequest request) {
    var signed = parameters(context).get("md5", "");
    var announced = request.headers().get(HttpHeaderNames.CONTENT_MD5, "");
    if (announced.isEmpty()) {
      return signed;
    }
    var hex = hex(announced);
    if (!signed.isEmpty() && !signed.equals(hex)) {
      throw AdminException.invalidArgument("Content-MD5 differs from the MD5 that the link is for");
    }
    return hex;
  }

  private static String hex(String base64) {
    try {
      return HexFormat.of().formatHex(Base64.getDecoder().decode(base64));
    } catch (IllegalArgumentException malformed) {
      throw AdminException.invalidArgument("malformed Content-MD5: " + malformed.getMessage());
    }
  }

  private HttpResponse download(ServiceRequestContext context, RequestHeaders request)
      throws IOException {
    var reference = verified(context, "GET");
    var size = store.size(reference);
    if (size.isEmpty()) {
      throw new NoSuchFileException(reference.uri());
    }
    return RangedResponse.of(
        request,
        mediaType(reference),
        size.getAsLong(),
        (start, end) ->
            StreamMessage.builder(opened(reference, start))
                .executor(context.blockingTaskExecutor())
                .build()
                .range(0, end - start));
  }

  /** An object from a position on; a file is not read up to there. */
  private InputStream opened(DataReference reference, long start) throws IOException {
    var in = store.open(reference);
    try {
      in.skipNBytes(start);
      return in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static MediaType mediaType(DataReference reference) {
    return reference.uri().endsWith(".html") ? MediaType.HTML_UTF_8 : MediaType.OCTET_STREAM;
  }

  private DataReference verified(ServiceRequestContext context, String method) {
    var query = parameters(context);
    return links.verified(
        method,
        context.decodedPath().substring(Links.PREFIX.length()),
        query.get("expires", ""),
        query.get("md5", ""),
        query.get("signature", ""));
  }

  private static QueryParams parameters(ServiceRequestContext context) {
    var query = context.query();
    return query == null ? QueryParams.of() : QueryParams.fromQueryString(query);
  }

  private HttpResponse failed(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ContentTooLargeException _ -> {
          return tooLarge();
        }
        case DataTooLargeException _ -> {
          return tooLarge();
        }
        case Md5InputStream.MismatchException mismatch -> {
          return refused(Code.INVALID_ARGUMENT, String.valueOf(mismatch.getMessage()));
        }
        case NoSpaceException full -> {
          var status = Errors.status(full);
          return HttpErrors.response(
              HttpStatus.INSUFFICIENT_STORAGE, Code.RESOURCE_EXHAUSTED, status.getMessage());
        }
        case ClosedStreamException left -> {
          return HttpErrors.response(Errors.status(left));
        }
        case NoSuchFileException _ -> {
          return refused(Code.NOT_FOUND, "there is no such object");
        }
        case AccessDeniedException _ -> {
          return refused(
              Code.PERMISSION_DENIED, "the path is outside the folders that links may name");
        }
        default -> {}
      }
    }
    return HttpErrors.response(Errors.status(failure));
  }

  private static HttpResponse refused(Code code, String message) {
    return HttpErrors.response(Errors.status(new AdminException(code, message)));
  }

  private HttpResponse tooLarge() {
    return HttpErrors.response(
        HttpStatus.REQUEST_ENTITY_TOO_LARGE,
        Code.RESOURCE_EXHAUSTED,
        "the file has more than %d bytes, the limit of turboprop.admin.upload-max"
            .formatted(uploadBytesMax));
  }
}
