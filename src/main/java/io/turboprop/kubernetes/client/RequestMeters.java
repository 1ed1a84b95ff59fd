package io.turboprop.kubernetes.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * Counts the requests to the API server of a cluster.
 *
 * @param cluster the name of the cluster in metrics
 */
public record RequestMeters(MeterRegistry registry, String cluster) {
  private static final String NAME = "turboprop.kubernetes.requests";

  /** An answer came after so many nanoseconds. */
  void answered(String verb, int code, long nanos) {
    count(verb, Integer.toString(code), nanos);
  }

  /** No answer came. */
  void failed(String verb, long nanos) {
    count(verb, "none", nanos);
  }

  private void count(String verb, String code, long nanos) {
    Timer.builder(NAME)
        .description("requests to the Kubernetes API, until their answers")
        .tag("cluster", cluster)
        .tag("verb", verb)
        .tag("code", code)
        .register(registry)
        .record(Duration.ofNanos(nanos));
  }
}
