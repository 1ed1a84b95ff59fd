package io.turboprop.admin.data;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.turboprop.admin.data.LinkSigner.Grant;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.DataReference;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes signed links to objects of the store, and checks the links of requests. A link names an
 * object by its path below the store's base.
 */
public final class Links {
  /** The path below which {@link DataTransfer} is served. */
  public static final String PREFIX = "/dataproxy/objects/";

  private final LinkSigner signer;
  private final DataReference base;
  private final Optional<String> publicUrl;
  private final Clock clock;

  public Links(LinkSigner signer, DataReference base, Optional<String> publicUrl, Clock clock) {
    this.signer = signer;
    this.base = base;
    this.publicUrl = publicUrl;
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  /** A link to write an object with content of this MD5 (hex; empty for any). */
  String upload(DataReference reference, Instant expires, String md5) {
    return url(new Grant("PUT", object(reference), expires, md5));
  }

  /**
   * A link to read an object.
   *
   * @throws AdminException {@code PERMISSION_DENIED} for an object outside of the store
   */
  String download(DataReference reference, Instant expires) {
    return url(new Grant("GET", object(reference), expires, ""));
  }

  /**
   * The object of a link.
   *
   * @param object the decoded path after {@link #PREFIX}
   * @throws AdminException {@code PERMISSION_DENIED} when the link is forged, changed or expired
   */
  DataReference verified(
      String method, String object, String expires, String md5, String signature) {
    var grant = new Grant(method, safe(object), moment(expires), md5);
    if (!signer.isSigned(grant, signature)) {
      throw denied("the link's signature is wrong");
    }
    if (grant.expires().isBefore(now())) {
      throw denied("the link has expired");
    }
    return base.child(object);
  }

  private String url(Grant grant) {
    var path =
        Arrays.stream(grant.object().split("/", -1))
            .map(Links::encoded)
            .collect(Collectors.joining("/"));
    return origin()
        + PREFIX
        + path
        + "?expires="
        + grant.expires().getEpochSecond()
        + (grant.md5().isEmpty() ? "" : "&md5=" + grant.md5())
        + "&signature="
        + signer.sign(grant);
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The URL by which the client of the current request reaches this server. */
  private String origin() {
    if (publicUrl.isPresent()) {
      return publicUrl.get().replaceAll("/+$", "");
    }
    var context = ServiceRequestContext.currentOrNull();
    if (context == null) {
      throw new IllegalStateException("no public-url, and no request to take it from");
    }
    var scheme = context.sessionProtocol().isTls() ? "https://" : "http://";
    return scheme + context.request().authority();
  }

  private String object(DataReference reference) {
    var head = base.child("").uri();
    var uri = reference.plain().uri();
    if (!uri.startsWith(head)) {
      throw denied(reference + " lies outside of the store");
    }
    return safe(uri.substring(head.length()));
  }

  /** Refuses paths that could lead out of the folder. */
  private static String safe(String object) {
    for (var segment : object.split("/", -1)) {
      if (segment.isEmpty()
          || segment.equals(".")
          || segment.equals("..")
          || segment.indexOf(0) >= 0) {
        throw denied("[" + object + "] is no place in the store");
      }
    }
    return object;
  }

  private static Instant moment(String seconds) {
    try {
      return Instant.ofEpochSecond(Long.parseLong(seconds));
    } catch (NumberFormatException | DateTimeException _) {
      throw denied("the link is malformed");
    }
  }

  private static AdminException denied(String message) {
    return new AdminException(Code.PERMISSION_DENIED, message);
  }
}
