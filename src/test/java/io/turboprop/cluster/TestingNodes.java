package io.turboprop.cluster;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.pekko.actor.setup.Setup;

/** Actor systems of one JVM as nodes of a cluster, without executions. */
final class TestingNodes {
  /** In place of the journal, which no entity uses. */
  private static final class NoJournal extends Setup {}

  private TestingNodes() {}

  /**
   * Starts a node, which is in no cluster yet.
   *
   * @param port of its remoting; 0 for any free one
   * @param seeds the ports of the seeds
   */
  static ClusterNode start(int port, List<Integer> seeds) {
    return start(port, seeds, Map.of());
  }

  /** Starts a node with further settings of Pekko. */
  static ClusterNode start(int port, List<Integer> seeds, Map<String, Object> further) {
    return ClusterNode.start(
        new NoJournal(),
        settings(port, seeds),
        ConfigFactory.parseMap(further)
            .withFallback(
                ConfigFactory.parseMap(
                    Map.of(
                        "turboprop.cluster.host",
                        "127.0.0.1",
                        "turboprop.cluster.port",
                        port,
                        "turboprop.cluster.management.host",
                        "127.0.0.1",
                        "turboprop.cluster.management.port",
                        0)))
            .withFallback(ConfigFactory.parseResources("pekko.conf"))
            .withFallback(ConfigFactory.defaultReferenceUnresolved())
            .withFallback(ConfigFactory.systemProperties())
            .resolve());
  }

  static ClusterSettings settings(int port, List<Integer> seeds) {
    return new ClusterSettings(
        EnumSet.allOf(Role.class),
        ClusterSettings.Discovery.SEEDS,
        seeds.stream().map(seed -> "127.0.0.1:" + seed).toList(),
        "127.0.0.1",
        port,
        "",
        1,
        new ClusterSettings.Management(false, "127.0.0.1", 0));
  }

  static List<Integer> freePorts(int count) {
    return IntStream.range(0, count).mapToObj(_ -> freePort()).toList();
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
