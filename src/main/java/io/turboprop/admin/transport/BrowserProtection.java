package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses requests that a web page of another origin makes a browser send. Without it, every page
 * that is open on the machine of an engine without a login could register and run tasks there.
 *
 * <p>A request is refused with {@code PERMISSION_DENIED} (403), on every path and for every method,
 * when
 *
 * <ul>
 *   <li>its host is none of {@link KnownHosts};
 *   <li>its {@code Origin} is neither the host of the request, nor that of {@code public-url}, nor
 *       one of {@code cors-origins}. Browsers send the header with every request but plain reads;
 *       {@code null}, the origin of sandboxed pages, is refused as well;
 *   <li>it has no {@code Origin}, and its {@code Sec-Fetch-Site} says that another site or another
 *       port sent the request. Exceptions are a user who follows a link ({@code Sec-Fetch-Dest:
 *       document}), and a signed link: a page that knows the link has the permission already.
 * </ul>
 *
 * <p>Other clients than browsers send neither header.
 */
final class BrowserProtection implements DecoratingHttpServiceFunction {
  private static final String SEC_FETCH_SITE = "sec-fetch-site";
  private static final String SEC_FETCH_DEST = "sec-fetch-dest";
  private static final Set<String> OWN_SITES = Set.of("", "same-origin", "none");
  private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  private final KnownHosts hosts;
  private final Set<String> origins;

  BrowserProtection(AdminSettings.Address address) {
    this.hosts = address.knownHosts();
    this.origins =
        Stream.concat(
                address.corsOrigins().stream(),
                address.publicUrl().stream().map(BrowserProtection::originOf))
            .map(origin -> origin.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public HttpResponse serve(HttpService service, ServiceRequestContext context, HttpRequest request)
      throws Exception {
    var headers = request.headers();
    var host = String.valueOf(headers.authority());
    if (!hosts.knows(host)) {
      throw refused(
          "this server is not known as [%s]; further names are listed in turboprop.admin.hosts"
              .formatted(host));
    }
    var origin = headers.get(HttpHeaderNames.ORIGIN);
    if (origin != null && !isAllowed(origin, host)) {
      throw refused(
          "pages of %s may not call this server; turboprop.admin.cors-origins lists those that may"
              .formatted(origin));
    }
    if (origin == null && isOfAnotherSite(headers) && !isHarmless(context, headers)) {
      throw refused(
          "pages of other sites may not call this server (Sec-Fetch-Site: %s)"
              .formatted(headers.get(SEC_FETCH_SITE)));
    }
    return service.serve(context, request);
  }

  /** True for a client that is a browser, or behaves as one. */
  static boolean isBrowser(RequestHeaders headers) {
    return headers.contains(HttpHeaderNames.ORIGIN)
        || headers.contains(SEC_FETCH_SITE)
        || headers.contains(HttpHeaderNames.REFERER);
  }

  private boolean isAllowed(String origin, String host) {
    var lower = origin.toLowerCase(Locale.ROOT);
    return origins.contains("*")
        || origins.contains(lower)
        || lower.equals("http://" + host.toLowerCase(Locale.ROOT))
        || lower.equals("https://" + host.toLowerCase(Locale.ROOT));
  }

  private boolean isOfAnotherSite(RequestHeaders headers) {
    return !origins.contains("*") && !OWN_SITES.contains(headers.get(SEC_FETCH_SITE, ""));
  }

  private static boolean isHarmless(ServiceRequestContext context, RequestHeaders headers) {
    return READS.contains(headers.method())
        && (headers.get(SEC_FETCH_DEST, "").equals("document")
            || context.config().service().as(SignedLinkService.class) != null);
  }

  private static String originOf(String publicUrl) {
    var url = URI.create(publicUrl);
    return url.getScheme() + "://" + url.getAuthority();
  }

  private static AdminException refused(String message) {
    return new AdminException(Code.PERMISSION_DENIED, message);
  }
}
