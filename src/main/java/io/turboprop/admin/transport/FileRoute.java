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
import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Serves the files below a folder as plain text: the logs of tasks. Files outside of the folder are
 * not served, not even through links. A growing file is served up to its length at the start of the
 * request.
 */
public final class FileRoute implements HttpService {
  private final Path folder;
  private final UntrustedFiles files;

  public FileRoute(Path folder) {
    this.folder = folder;
    this.files = new UntrustedFiles(folder);
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
      var file = folder.resolve(context.decodedMappedPath().replaceFirst("^/+", ""));
      return RangedResponse.of(
          request,
          MediaType.PLAIN_TEXT_UTF_8,
          size(file),
          (start, end) ->
              StreamMessage.builder(Channels.newInputStream(files.open(file)))
                  .executor(context.blockingTaskExecutor())
                  .build()
                  .range(start, end - start));
    } catch (NoSuchFileException | NotRegularFileException | InvalidPathException _) {
      return HttpErrors.response(Errors.status(AdminException.notFound("there is no such file")));
    } catch (IOException failure) {
      return HttpErrors.response(Errors.status(failure));
    }
  }

  private long size(Path file) throws IOException {
    try (var channel = files.open(file)) {
      return channel.size();
    }
  }
}
