package io.turboprop.admin.transport;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Serves the files below a folder as plain text: the logs of tasks. Files outside of the folder are
 * not served, not even through links. A growing file is served up to its length at the start of the
 * request. A file that is not here is fetched from the node that has it.
 */
public final class FileRoute implements HttpService {
  /** Marks the request of another node, which is not forwarded again. */
  private static final String FORWARDED = "x-turboprop-forwarded";

  private static final Duration FORWARD_WITHIN = Duration.ofMinutes(1);

  /** The headers of another node's answer that reach the client. */
  private static final List<CharSequence> KEPT =
      List.of(
          HttpHeaderNames.CONTENT_TYPE,
          HttpHeaderNames.CONTENT_LENGTH,
          HttpHeaderNames.CONTENT_RANGE,
          HttpHeaderNames.ACCEPT_RANGES);

  private final Path folder;
  private final UntrustedFiles files;
  private final Function<Path, Optional<URI>> holders;

  /**
   * @param holders finds the API of the node that has a file, by the file's path below the folder;
   *     empty if none is known; may block
   */
  public FileRoute(Path folder, Function<Path, Optional<URI>> holders) {
    this.folder = folder;
    this.files = new UntrustedFiles(folder);
    this.holders = holders;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
      return HttpResponse.of(HttpStatus.METHOD_NOT_ALLOWED);
    }
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> answer(context, request.headers()), context.blockingTaskExecutor()));
  }

  private HttpResponse answer(ServiceRequestContext context, RequestHeaders request) {
    try {
      var file = folder.resolve(context.decodedMappedPath().replaceFirst("^/+", "")).normalize();
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          ? own(context, request, file)
          : ofAnother(context, request, file);
    } catch (NoSuchFileException | NotRegularFileException | InvalidPathException _) {
      return notFound();
    } catch (IOException failure) {
      return HttpErrors.response(Errors.status(failure));
    }
  }

  private HttpResponse own(ServiceRequestContext context, RequestHeaders request, Path file)
      throws IOException {
    return RangedResponse.of(
        request,
        MediaType.PLAIN_TEXT_UTF_8,
        size(file),
        (start, end) ->
            StreamMessage.builder(Channels.newInputStream(files.open(file)))
                .executor(context.blockingTaskExecutor())
                .build()
                .range(start, end - start));
  }

  private static HttpResponse notFound() {
    return HttpErrors.response(
        Errors.status(AdminException.notFound("there is no such file on a node that is up")));
  }

  private HttpResponse ofAnother(ServiceRequestContext context, RequestHeaders request, Path file) {
    if (request.contains(FORWARDED) || !file.startsWith(folder)) {
      return notFound();
    }
    return holders
        .apply(folder.relativize(file))
        .map(holder -> forwarded(context, request, holder))
        .orElseGet(FileRoute::notFound);
  }

  private static HttpResponse forwarded(
      ServiceRequestContext context, RequestHeaders request, URI holder) {
    var client =
        WebClient.builder(holder).responseTimeout(FORWARD_WITHIN).maxResponseLength(0).build();
    var headers = RequestHeaders.builder(request.method(), context.path()).set(FORWARDED, "1");
    Optional.ofNullable(request.get(HttpHeaderNames.RANGE))
        .ifPresent(range -> headers.set(HttpHeaderNames.RANGE, range));
    return client
        .execute(HttpRequest.of(headers.build()))
        .mapHeaders(FileRoute::kept)
        .recover(_ -> unreachable(holder));
  }

  private static ResponseHeaders kept(ResponseHeaders answer) {
    var headers = ResponseHeaders.builder(answer.status());
    KEPT.forEach(
        name -> Optional.ofNullable(answer.get(name)).ifPresent(value -> headers.set(name, value)));
    return headers.add(TaskContent.HEADERS).build();
  }

  private static HttpResponse unreachable(URI holder) {
    return HttpErrors.response(
        HttpStatus.SERVICE_UNAVAILABLE,
        Code.UNAVAILABLE,
        "the file is on the node at %s, which does not answer".formatted(holder.getAuthority()));
  }

  private long size(Path file) throws IOException {
    try (var channel = files.open(file)) {
      return channel.size();
    }
  }
}
