package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The files below one folder as plain text: logs of tasks. Nothing outside is served, not through
 * links either; a file that grows is served as far as it was at the beginning.
 */
public final class FileRoute implements HttpService {
  private final Path folder;

  public FileRoute(Path folder) {
    this.folder = folder;
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
      var file = find(context.decodedMappedPath());
      if (file.isEmpty()) {
        return HttpErrors.response(Errors.status(AdminException.notFound("there is no such file")));
      }
      return RangedResponse.of(
          request,
          MediaType.PLAIN_TEXT_UTF_8,
          Files.size(file.get()),
          (start, end) -> StreamMessage.of(file.get()).range(start, end - start));
    } catch (IOException failure) {
      return HttpErrors.response(Errors.status(failure));
    }
  }

  private Optional<Path> find(String path) throws IOException {
    try {
      var file = folder.resolve(path.replaceFirst("^/+", "")).normalize();
      if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
        return Optional.empty();
      }
      return Optional.of(file.toRealPath()).filter(this::isInside);
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }

  private boolean isInside(Path file) {
    try {
      return file.startsWith(folder.toRealPath());
    } catch (IOException _) {
      return false;
    }
  }
}
