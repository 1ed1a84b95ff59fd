package io.turboprop.admin.transport;

import com.typesafe.config.Config;
import io.turboprop.admin.definitions.RegistrationLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The door's settings, section {@code turboprop.admin}.
 *
 * @param port 0 for any free one
 * @param publicUrl what clients reach this port by; empty: as the client of each request spelt it
 * @param requestTimeout of one call; transfers of files have {@code transferTimeout}
 * @param idleTimeout after which a connection without calls and pings is closed
 * @param stopTimeout what running calls get to end when the server stops
 * @param messageBytesMax of one request, gRPC or REST
 * @param uploadBytesMax of one uploaded file
 * @param handlersMax calls that are worked on at once; others wait
 * @param waitingMax calls that may wait; further ones are refused
 * @param transfersMax files that go up or down at once; others wait
 * @param corsOrigins web origins that may call; {@code *} for all, empty for none
 * @param linkTimeMax the longest life of a signed link
 * @param uploadPrefix the folder of uploads below the store's base
 * @param signingKey base64 of at least 32 bytes; empty: one made once and kept in a file
 * @param domains the same for every project
 * @param projects created at start if they are missing
 */
public record AdminSettings(
    String host,
    int port,
    Optional<String> publicUrl,
    Duration requestTimeout,
    Duration transferTimeout,
    Duration idleTimeout,
    Duration stopTimeout,
    int messageBytesMax,
    long uploadBytesMax,
    int handlersMax,
    int waitingMax,
    int transfersMax,
    List<String> corsOrigins,
    Duration linkTimeMax,
    String uploadPrefix,
    Optional<String> signingKey,
    List<String> domains,
    List<String> projects,
    RegistrationLimits registration) {

  /** Reads the section {@code turboprop.admin}. */
  public static AdminSettings from(Config config) {
    return new AdminSettings(
        config.getString("host"),
        config.getInt("port"),
        text(config, "public-url"),
        config.getDuration("request-timeout"),
        config.getDuration("transfer-timeout"),
        config.getDuration("idle-timeout"),
        config.getDuration("stop-timeout"),
        Math.toIntExact(config.getBytes("message-max")),
        config.getBytes("upload-max"),
        config.getInt("handlers-max"),
        config.getInt("waiting-max"),
        config.getInt("transfers-max"),
        config.getStringList("cors-origins"),
        config.getDuration("link-time-max"),
        config.getString("upload-prefix"),
        text(config, "signing-key"),
        config.getStringList("domains"),
        config.getStringList("projects"),
        RegistrationLimits.from(config.getConfig("registration")));
  }

  private static Optional<String> text(Config config, String key) {
    return Optional.of(config.getString(key)).filter(text -> !text.isBlank());
  }
}
