package io.turboprop.console;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.HttpErrors;
import io.turboprop.data.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Serves the page of the console from the class path. A file of {@code assets} has the hash of its
 * content in its name, so browsers keep it for ever; every other path answers with the page itself,
 * which reads the path in the browser.
 */
public final class ConsoleFiles implements HttpService {
  /** The path of the console. */
  public static final String PREFIX = "/console/";

  private static final String PAGE = "index.html";

  /** Names of files that the build makes; nothing else is looked up on the class path. */
  private static final Pattern ASSET = Pattern.compile("assets/[A-Za-z0-9_-]+\\.(js|css|svg)");

  private static final Map<String, MediaType> TYPES =
      Map.of(
          "js", MediaType.JAVASCRIPT_UTF_8,
          "css", MediaType.CSS_UTF_8,
          "svg", MediaType.SVG_UTF_8,
          "html", MediaType.HTML_UTF_8);

  /** The page runs no script and loads no file but its own, and no other page may frame it. */
  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'";

  private final String folder;
  private final Map<String, Optional<StoredFile>> files = new ConcurrentHashMap<>();

  public ConsoleFiles() {
    this("/console/");
  }

  /**
   * @param folder on the class path; ends with a slash
   */
  ConsoleFiles(String folder) {
    this.folder = folder;
  }

  /** A file of the page, with a tag that changes with its content. */
  private record StoredFile(HttpData content, String tag) {}

  /** Leads from a path of this server to another one. */
  public static HttpService redirect(String path) {
    return (_, _) -> HttpResponse.ofRedirect(HttpStatus.TEMPORARY_REDIRECT, path);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
      return HttpResponse.of(HttpStatus.METHOD_NOT_ALLOWED);
    }
    var path = context.decodedMappedPath().replaceFirst("^/", "");
    if (path.startsWith("assets/")) {
      return ASSET.matcher(path).matches() ? asset(path, request.headers()) : missing(path);
    }
    return page(request.headers());
  }

  private HttpResponse asset(String path, RequestHeaders request) {
    if (file(path).isEmpty()) {
      return missing(path);
    }
    var headers =
        ResponseHeaders.builder(HttpStatus.OK)
            .set(HttpHeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");
    return answer(path, headers, request);
  }

  private HttpResponse page(RequestHeaders request) {
    if (file(PAGE).isEmpty()) {
      return HttpErrors.response(
          HttpStatus.NOT_FOUND,
          Code.NOT_FOUND,
          "this build has no console; 'mvn package' builds it with npm from src/main/console");
    }
    var headers =
        ResponseHeaders.builder(HttpStatus.OK).set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
    return answer(PAGE, headers, request);
  }

  private HttpResponse answer(String path, ResponseHeadersBuilder headers, RequestHeaders request) {
    var coding = coding(path, request);
    var file = file(path + coding.map(Coding::suffix).orElse("")).orElseThrow();
    coding.ifPresent(chosen -> headers.set(HttpHeaderNames.CONTENT_ENCODING, chosen.token()));
    var complete =
        headers
            .contentType(TYPES.get(path.substring(path.lastIndexOf('.') + 1)))
            .set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING.toString())
            .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY)
            .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
            .set(HttpHeaderNames.REFERRER_POLICY, "same-origin")
            .set(HttpHeaderNames.ETAG, file.tag())
            .contentLength(file.content().length())
            .build();
    if (file.tag().equals(request.get(HttpHeaderNames.IF_NONE_MATCH))) {
      return HttpResponse.of(
          complete.toBuilder().status(HttpStatus.NOT_MODIFIED).contentLength(0).build());
    }
    return request.method() == HttpMethod.HEAD
        ? HttpResponse.of(complete)
        : HttpResponse.of(complete, file.content());
  }

  /** How a file is compressed. */
  private record Coding(String token, String suffix) {}

  private Optional<Coding> coding(String path, RequestHeaders request) {
    for (var coding : new Coding[] {new Coding("br", ".br"), new Coding("gzip", ".gz")}) {
      if (Accepting.coding(request, coding.token()) && file(path + coding.suffix()).isPresent()) {
        return Optional.of(coding);
      }
    }
    return Optional.empty();
  }

  private static HttpResponse missing(String path) {
    return HttpErrors.response(
        HttpStatus.NOT_FOUND, Code.NOT_FOUND, "the console has no file " + path);
  }

  private Optional<StoredFile> file(String path) {
    return files.computeIfAbsent(path, this::read);
  }

  private Optional<StoredFile> read(String path) {
    try (var stream = ConsoleFiles.class.getResourceAsStream(folder + path)) {
      if (stream == null) {
        return Optional.empty();
      }
      var content = stream.readAllBytes();
      return Optional.of(
          new StoredFile(HttpData.wrap(content), '"' + Sha256.hex(content).substring(0, 16) + '"'));
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the console's file " + path, e);
    }
  }
}
