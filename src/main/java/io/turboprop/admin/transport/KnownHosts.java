package io.turboprop.admin.transport;

import java.net.InetAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names by which clients reach this server, as the {@code Host} header of HTTP/1 and the {@code
 * :authority} of HTTP/2 and gRPC give them. Ports are not compared.
 *
 * <p>A web page can make a browser resolve the page's own name to the address of this server (DNS
 * rebinding); the browser then takes both for one origin. It can't change the name that the browser
 * sends. So the server refuses unknown names. It knows:
 *
 * <ul>
 *   <li>{@code localhost}, names below it, and loopback addresses, which no foreign DNS server can
 *       give to a page;
 *   <li>the listen address; if the server listens on all addresses, every numeric address (no name
 *       is resolved, and behind a port mapping or a pod's network the server can't know its own);
 *   <li>the host of {@code public-url}, and the list {@code hosts}: names, {@code *.example.com}
 *       for all names below a domain, {@code *} for every name.
 * </ul>
 */
final class KnownHosts {
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern NAME =
      Pattern.compile("(\\*\\.)?[a-z0-9_]([a-z0-9_-]*)(\\.[a-z0-9_-]+)*|\\*");

  private final Set<String> names = new HashSet<>();
  private final boolean anyAddress;

  /**
   * @throws IllegalArgumentException for an entry of {@code hosts} that is not a host name, or a
   *     {@code public-url} without a host; the message is for the user
   */
  KnownHosts(String listenAddress, Optional<String> publicUrl, List<String> hosts) {
    names.add("localhost");
    names.add(bare(listenAddress));
    publicUrl.map(KnownHosts::hostOf).ifPresent(names::add);
    hosts.stream().map(KnownHosts::checked).forEach(names::add);
    anyAddress = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0").contains(bare(listenAddress));
  }

  /**
   * Whether the server answers a request that names this host.
   *
   * @param authority a host with or without a port; in brackets if it is an IPv6 address
   */
  boolean knows(String authority) {
    var host = bare(withoutPort(authority));
    if (host.isEmpty()) {
      return false;
    }
    if (isNumeric(host)) {
      return anyAddress || names.contains("*") || names.contains(host) || isLoopback(host);
    }
    return names.contains(host) || names.contains("*") || isBelowKnownName(host);
  }

  private boolean isBelowKnownName(String host) {
    if (host.endsWith(".localhost")) {
      return true;
    }
    for (var dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      if (names.contains("*" + host.substring(dot))) {
        return true;
      }
    }
    return false;
  }

  /** Lower case, without brackets and without the dot that ends an absolute name. */
  private static String bare(String host) {
    var lower = host.toLowerCase(Locale.ROOT);
    if (lower.startsWith("[") && lower.endsWith("]")) {
      return lower.substring(1, lower.length() - 1);
    }
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  private static String withoutPort(String authority) {
    var colon = authority.lastIndexOf(':');
    var isPort = colon >= 0 && authority.substring(colon + 1).chars().allMatch(Character::isDigit);
    var isBareIpv6 = authority.indexOf(':') != colon && !authority.startsWith("[");
    return isPort && !isBareIpv6 && colon > authority.lastIndexOf(']')
        ? authority.substring(0, colon)
        : authority;
  }

  private static boolean isNumeric(String host) {
    return host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
  }

  private static boolean isLoopback(String host) {
    return isAddress(host) && InetAddress.ofLiteral(host).isLoopbackAddress();
  }

  private static boolean isAddress(String host) {
    try {
      return isNumeric(host) && InetAddress.ofLiteral(host).getAddress().length > 0;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static String hostOf(String publicUrl) {
    try {
      var host = URI.create(publicUrl).getHost();
      if (host != null) {
        return bare(host);
      }
    } catch (IllegalArgumentException _) {
      // the check below reports this, like a URL without a host
    }
    throw new IllegalArgumentException(
        "turboprop.admin.public-url is not a URL with a host: [%s]".formatted(publicUrl));
  }

  private static String checked(String entry) {
    var host = entry.toLowerCase(Locale.ROOT);
    if (NAME.matcher(host).matches() || isAddress(bare(host))) {
      return bare(host);
    }
    throw new IllegalArgumentException(
        "turboprop.admin.hosts has [%s]; an entry is a host name or address without a port, *.example.com, or *"
            .formatted(entry));
  }
}
