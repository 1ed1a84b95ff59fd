package io.turboprop.flyteadmin;

import com.typesafe.config.ConfigException;
import io.turboprop.setting.BackOff;
import io.turboprop.setting.Section;
import io.turboprop.store.ReportedExecutions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The section {@code turboprop.flyteadmin}.
 *
 * @param executions whose events are sent
 * @param clusterId the name of this engine for FlyteAdmin
 * @param values the form of inputs and outputs in events
 * @param inlineBytesMax the largest values that travel in an event
 * @param signalsInterval how often FlyteAdmin is asked for each signal that a gate waits for
 * @param catalog the service DataCatalog; empty if tasks are cached here
 */
public record FlyteAdminSettings(
    Connection connection,
    ReportedExecutions executions,
    String clusterId,
    RawOutputPolicy values,
    int inlineBytesMax,
    Events events,
    Children children,
    Duration signalsInterval,
    Optional<Connection> catalog) {

  /**
   * The creation of the child executions of launch plan nodes.
   *
   * @param where the service that creates them
   * @param interval the pause between two queries about the status of one child at FlyteAdmin
   */
  public record Children(Creator where, Duration interval) {

    /** Whether FlyteAdmin creates the child executions. */
    public boolean areAdmins() {
      return where == Creator.FLYTEADMIN;
    }
  }

  /** The service that creates the child executions of launch plan nodes. */
  public enum Creator {
    LOCAL,
    FLYTEADMIN
  }

  /**
   * How events carry inputs and outputs; as FlytePropeller's setting {@code
   * event.raw-output-policy}.
   */
  public enum RawOutputPolicy {
    /** In the event, unless they are large. */
    INLINE,
    /** As files in the blob store, to which the event refers. */
    REFERENCE
  }

  /**
   * How FlyteAdmin is reached.
   *
   * @param target the address in the form of gRPC's clients: {@code dns:///host:port} or {@code
   *     host:port}
   * @param insecure whether the connection is plain text
   * @param skipVerify whether any certificate is accepted
   * @param caCertFile the certificates that are trusted instead of the JVM's
   * @param login empty if FlyteAdmin asks for no login
   * @param callTimeout the longest wait for an answer
   */
  public record Connection(
      String target,
      boolean insecure,
      boolean skipVerify,
      Optional<Path> caCertFile,
      Optional<Login> login,
      Duration callTimeout) {}

  /**
   * The client credentials for FlyteAdmin's authorization server.
   *
   * @param secretLocation the file with the secret; it is read for every login, so that it may
   *     change
   * @param tokenUrl empty to ask FlyteAdmin
   * @param scopes empty to use those that FlyteAdmin names
   * @param audience empty for none
   * @param header the metadata key of the token; empty to use the one that FlyteAdmin names
   */
  public record Login(
      String clientId,
      Path secretLocation,
      Optional<String> tokenUrl,
      List<String> scopes,
      Optional<String> audience,
      Optional<String> header) {}

  /**
   * How events are sent.
   *
   * @param perSecond the most events a second
   * @param burst how many more may be sent after a pause
   * @param parallelism of how many executions at once
   * @param lease how long another node waits for a sender that has died
   * @param sweep the pause between two looks for executions of which this node was not told
   * @param backOff the pauses after failures
   * @param unknownMax how long an execution may be unknown to FlyteAdmin before it is aborted
   * @param failingMax how long FlyteAdmin may fail on an event, while it records others, before the
   *     event is sent without details or left out
   */
  public record Events(
      double perSecond,
      int burst,
      int parallelism,
      Duration lease,
      Duration sweep,
      BackOff backOff,
      Duration unknownMax,
      Duration failingMax) {}

  /**
   * Reads the section {@code turboprop.flyteadmin}; empty if no endpoint is set.
   *
   * @throws ConfigException.BadValue when a value is out of its bounds
   */
  public static Optional<FlyteAdminSettings> from(Section section) {
    if (section.config().getString("endpoint").isBlank()) {
      return Optional.empty();
    }
    return Optional.of(
        new FlyteAdminSettings(
            connection(section, "endpoint"),
            section.choice("executions", ReportedExecutions.class),
            section.config().getString("cluster-id"),
            section.choice("raw-output-policy", RawOutputPolicy.class),
            section.bytes("inline-max"),
            events(section.section("events")),
            new Children(
                section.choice("children", Creator.class), section.pause("children-interval")),
            section.pause("signals-interval"),
            text(section, "catalog-endpoint").map(_ -> connection(section, "catalog-endpoint"))));
  }

  private static Connection connection(Section section, String key) {
    var config = section.config();
    var target = config.getString(key);
    if (target.startsWith("http://") || target.startsWith("https://")) {
      throw section.refusal(
          "endpoint",
          "'%s' is the address of a page; say host:port or dns:///host:port".formatted(target));
    }
    return new Connection(
        target,
        config.getBoolean("insecure"),
        config.getBoolean("insecure-skip-verify"),
        text(section, "ca-cert-file").map(Path::of),
        login(section),
        section.pause("call-timeout"));
  }

  private static Optional<Login> login(Section section) {
    var clientId = text(section, "client-id");
    if (clientId.isEmpty()) {
      return Optional.empty();
    }
    var secret = text(section, "client-secret-location");
    if (secret.isEmpty()) {
      throw section.refusal(
          "client-secret-location", "a login needs the file with the secret of client-id");
    }
    return Optional.of(
        new Login(
            clientId.orElseThrow(),
            Path.of(secret.orElseThrow()),
            text(section, "token-url"),
            section.config().getStringList("scopes"),
            text(section, "audience"),
            text(section, "authorization-header")));
  }

  private static Optional<String> text(Section section, String key) {
    return Optional.of(section.config().getString(key)).filter(text -> !text.isBlank());
  }

  private static Events events(Section section) {
    return new Events(
        section.fraction("rate", 0.1, 1e6),
        section.number("burst", 1),
        section.number("parallelism", 1),
        section.pause("lease"),
        section.pause("sweep"),
        section.backOff("back-off-min", "back-off-max"),
        section.pause("unknown-max"),
        section.pause("failing-max"));
  }
}
