package io.turboprop.kubernetes.client;

import java.time.Duration;

/**
 * How to reach a cluster. {@code kubeconfig} and {@code context} may be empty.
 *
 * @param section the settings that this was read from, such as {@code turboprop.plugins.pod}, for
 *     messages
 */
public record ClusterAccess(String section, String kubeconfig, String context, Bounds bounds) {

  /** The bounds of requests to the API server. */
  public record Bounds(Duration timeout, int atOnce, int perSecond, int burst) {}
}
