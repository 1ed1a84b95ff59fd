package io.turboprop.admin.transport;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.turboprop.setting.Section;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings of the section {@code turboprop.admin}.
 *
 * @param domains the domains of every project
 * @param projects the projects to create at start if they are missing
 */
public record AdminSettings(
    Address address,
    Timeouts timeouts,
    Limits limits,
    SignedLinks links,
    List<String> domains,
    List<String> projects,
    RegistrationLimits registration) {

  /**
   * The server's address and names.
   *
   * @param port 0 for any free one
   * @param publicUrl the URL by which clients reach this port; empty: derived from each request's
   *     host
   * @param hosts further names that requests may give as their host
   * @param corsOrigins origins of web pages that may call; {@code *} for all, empty for none but
   *     the server's own
   * @param remoteLogLevels whether {@link LogLevels} may be changed from other machines
   */
  public record Address(
      String host,
      int port,
      Optional<String> publicUrl,
      List<String> hosts,
      List<String> corsOrigins,
      boolean remoteLogLevels) {
    KnownHosts knownHosts() {
      return new KnownHosts(host, publicUrl, hosts);
    }
  }

  /**
   * @param request the time of a call
   * @param transfer the time of an upload or download
   * @param idle the time after which a connection without calls and pings is closed
   * @param stop how long running calls may go on when the server stops
   * @param bodyStall the time in which a part of a large announced body must arrive
   */
  public record Timeouts(
      Duration request, Duration transfer, Duration idle, Duration stop, Duration bodyStall) {}

  /**
   * @param messageBytes the size of a request, gRPC or REST
   * @param listBytes the size of the rows of a list's page, as stored in the database
   * @param uploadBytes the size of an uploaded file
   * @param inFlightBytes the memory of all requests and answers under way, as {@link MemoryBudget}
   *     counts it
   * @param handlers how many calls are handled at the same time; others wait
   * @param waiting how many calls may wait; further calls are refused
   * @param transfers how many uploads and downloads run at the same time; others wait
   */
  public record Limits(
      int messageBytes,
      int listBytes,
      long uploadBytes,
      int inFlightBytes,
      int handlers,
      int waiting,
      int transfers) {}

  /**
   * @param lifeMax the longest life of a link
   * @param uploadPrefix the folder of uploads below the store's base
   * @param signingKey base64 of at least 32 bytes; empty: a generated key in a file
   */
  public record SignedLinks(Duration lifeMax, String uploadPrefix, Optional<String> signingKey) {}

  /**
   * Reads the section {@code turboprop.admin}.
   *
   * @throws ConfigException for a value that is missing, or out of its bounds
   */
  public static AdminSettings from(Config config) {
    var section = new Section(config, "turboprop.admin");
    return new AdminSettings(
        address(config),
        new Timeouts(
            section.pause("request-timeout"),
            section.pause("transfer-timeout"),
            section.pause("idle-timeout"),
            section.time("stop-timeout"),
            section.pause("body-stall-timeout")),
        new Limits(
            section.bytes("message-max", 1),
            section.bytes("list-bytes-max", 1),
            config.getBytes("upload-max"),
            section.bytes("in-flight-max", 1),
            section.number("handlers-max", 1),
            section.number("waiting-max", 1),
            section.number("transfers-max", 1)),
        new SignedLinks(
            section.pause("link-time-max"),
            config.getString("upload-prefix"),
            text(config, "signing-key")),
        config.getStringList("domains"),
        config.getStringList("projects"),
        RegistrationLimits.from(config.getConfig("registration")));
  }

  private static Address address(Config config) {
    var address =
        new Address(
            config.getString("host"),
            config.getInt("port"),
            text(config, "public-url"),
            config.getStringList("hosts"),
            config.getStringList("cors-origins"),
            config.getBoolean("remote-log-levels"));
    try {
      address.knownHosts();
    } catch (IllegalArgumentException malformed) {
      throw new ConfigException.Generic(malformed.getMessage());
    }
    return address;
  }

  private static Optional<String> text(Config config, String key) {
    return Optional.of(config.getString(key)).filter(text -> !text.isBlank());
  }
}
