package io.turboprop.plugin.pod;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/** The figures of the pods of a cluster. */
final class PodMeters {
  private static final List<String> PHASES =
      List.of("Pending", "Running", "Succeeded", "Failed", "Unknown");

  private PodMeters() {}

  /**
   * Registers the figures.
   *
   * @param cluster the name of the cluster in metrics
   */
  static void show(
      MeterRegistry metrics, String cluster, PodInformer informer, CreationBackOff backOff) {
    for (var phase : PHASES) {
      Gauge.builder("turboprop.pod.pods", informer, pods -> count(pods, phase))
          .description("pods of this installation, by Kubernetes' phase")
          .tag("cluster", cluster)
          .tag("phase", phase)
          .register(metrics);
    }
    Gauge.builder(
            "turboprop.pod.informer.silence", informer, pods -> pods.silence().toMillis() / 1000.0)
        .description("time since the API server last reported on pods; bookmarks come every minute")
        .baseUnit("seconds")
        .tag("cluster", cluster)
        .register(metrics);
    Gauge.builder("turboprop.pod.backoff.namespaces", backOff, CreationBackOff::namespaces)
        .description("namespaces whose pods wait for a quota or an overloaded API server")
        .tag("cluster", cluster)
        .register(metrics);
  }

  private static long count(PodInformer informer, String phase) {
    return informer.all().stream().filter(pod -> pod.phase().equals(phase)).count();
  }
}
