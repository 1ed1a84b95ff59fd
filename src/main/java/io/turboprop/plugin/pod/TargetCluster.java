package io.turboprop.plugin.pod;

import java.util.Set;

/**
 * A cluster in which pods run, and the executions that it is for.
 *
 * @param id its name in metrics, in messages, and in the stored state of attempts
 * @param labels the labels of executions ({@code execution_cluster_label}) that it takes
 * @param pools the pools ({@code cluster_assignment}) that it belongs to
 * @param weight its share of the executions that it may take, compared to the weights of others; 0
 *     takes no new attempts
 */
record TargetCluster(
    String id, PodSettings settings, Set<String> labels, Set<String> pools, double weight) {
  TargetCluster {
    labels = Set.copyOf(labels);
    pools = Set.copyOf(pools);
  }

  boolean takesAttempts() {
    return weight > 0;
  }
}
