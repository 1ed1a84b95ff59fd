package io.turboprop.doctor;

import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.cluster.ClusterSettings;
import io.turboprop.cluster.ClusterSettings.Discovery;
import io.turboprop.store.ServerReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.stream.Collectors;

/** Whether the node would find its cluster, and its ports are free. */
final class ClusterExamination {
  private static final String SUBJECT = "cluster";
  private static final int CONNECT_MILLIS_MAX = 2_000;

  private final ClusterSettings settings;
  private final List<ServerReport.Node> living;

  /**
   * @param living the nodes that the database sees
   */
  ClusterExamination(ClusterSettings settings, List<ServerReport.Node> living) {
    this.settings = settings;
    this.living = living;
  }

  void examine(AdminSettings.Address api, List<Finding> findings) {
    var self = settings.host() + ":" + settings.port();
    var runs = living.stream().anyMatch(node -> node.address().equals(self));
    if (settings.isStandalone()) {
      alone(findings);
    } else {
      others(findings);
      if (settings.discovery() == Discovery.SEEDS) {
        seeds(self, findings);
      }
      port("turboprop.cluster.port", settings.host(), settings.port(), runs, findings);
    }
    port(
        "turboprop.admin.port",
        api.host(),
        api.port(),
        runs || (settings.isStandalone() && !living.isEmpty()),
        findings);
  }

  static void shards(int configured, ServerReport report, List<Finding> findings) {
    report
        .shards()
        .ifPresent(fixed ->
            findings.add(
                fixed == configured
                    ? Finding.ok("shards", "%d, as at the first start".formatted(fixed))
                    : Finding.problem(
                        "shards",
                        ("turboprop.workflow.shards is %d, and the executions of this database are"
                                + " spread over %d shards: set it to %d")
                            .formatted(configured, fixed, fixed))));
  }

  private void alone(List<Finding> findings) {
    findings.add(
        Finding.ok(
            SUBJECT,
            living.isEmpty()
                ? "this engine is alone (turboprop.cluster.seeds is empty)"
                : "an engine runs on this database: " + addresses()));
  }

  private void others(List<Finding> findings) {
    var strangers =
        living.stream()
            .filter(node -> !settings.isOfThisCluster(node.address(), node.meetingPoints()))
            .map(ServerReport.Node::address)
            .collect(Collectors.joining(", "));
    if (!strangers.isEmpty()) {
      findings.add(
          Finding.problem(
              SUBJECT,
              ("another cluster uses the database, with the nodes %s: let this node find it"
                      + " (turboprop.cluster), or give it another database (turboprop.store.external.url)")
                  .formatted(strangers)));
      return;
    }
    findings.add(
        Finding.ok(
            SUBJECT, living.isEmpty() ? "no node runs yet" : "nodes that run: " + addresses()));
    var versions =
        living.stream()
            .map(ServerReport.Node::version)
            .distinct()
            .collect(Collectors.joining(", "));
    if (versions.contains(",")) {
      findings.add(
          Finding.warning(
              SUBJECT, "the nodes are of the versions %s: finish the upgrade".formatted(versions)));
    }
  }

  private String addresses() {
    return living.stream()
        .map(node -> "%s (API %s)".formatted(node.address(), node.api()))
        .collect(Collectors.joining(", "));
  }

  /** A seed that does not answer may be one that has not been started yet. */
  private void seeds(String self, List<Finding> findings) {
    var silent =
        settings.seeds().stream()
            .filter(seed -> !seed.equals(self) && !isListening(seed))
            .collect(Collectors.joining(", "));
    if (silent.isEmpty()) {
      findings.add(Finding.ok("seeds", "all other seeds answer"));
      return;
    }
    var text =
        "nothing answers at %s: start those nodes, or correct turboprop.cluster.seeds"
            .formatted(silent);
    var isFirst = settings.seeds().contains(self);
    findings.add(isFirst ? Finding.warning("seeds", text) : Finding.problem("seeds", text));
  }

  private static boolean isListening(String address) {
    var colon = address.lastIndexOf(':');
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          CONNECT_MILLIS_MAX);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void port(
      String setting, String host, int port, boolean runs, List<Finding> findings) {
    if (port == 0) {
      return;
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
      findings.add(Finding.ok("port", "%s:%d is free (%s)".formatted(host, port, setting)));
    } catch (IOException | IllegalArgumentException e) {
      findings.add(
          runs
              ? Finding.ok("port", "%s:%d is in use by this engine".formatted(host, port))
              : Finding.problem(
                  "port",
                  "%s:%d can't be opened (%s): end what listens there, or set %s"
                      .formatted(host, port, e.getMessage(), setting)));
    }
  }
}
