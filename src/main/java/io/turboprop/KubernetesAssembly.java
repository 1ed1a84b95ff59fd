package io.turboprop;

import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.kubernetes.ResourceEnds;
import io.turboprop.kubernetes.ResourceExecutions;
import io.turboprop.kubernetes.ResourceSettings;
import io.turboprop.kubernetes.ResourceWatch;
import io.turboprop.kubernetes.StatusWriter;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.RequestMeters;
import io.turboprop.store.EngineLock;
import io.turboprop.store.ResourceTables;
import java.io.IOException;
import java.util.Optional;

/** Builds the door through which FlyteWorkflow resources of a Kubernetes cluster come in. */
final class KubernetesAssembly {
  /** The name of the lock, the same in every version, and of the cluster in metrics. */
  private static final String LOCK = "flyteworkflows";

  private static final String CLUSTER = "default";

  private KubernetesAssembly() {}

  /**
   * The watch of the resources, to be started and closed; empty where it is not enabled.
   *
   * @param ends called for resources that end and have not become executions
   * @throws IOException when there are no credentials for the cluster
   */
  static Optional<ResourceWatch> watch(
      ResourceSettings settings,
      Foundation foundation,
      ResourceExecutions executions,
      ResourceEnds ends,
      MeterRegistry metrics)
      throws IOException {
    if (!settings.enabled()) {
      return Optional.empty();
    }
    var client =
        new KubernetesClient(
            settings.access(), System.getenv(), new RequestMeters(metrics, CLUSTER));
    return Optional.of(
        new ResourceWatch(
            client,
            new EngineLock(foundation.database(), LOCK),
            new StatusWriter.Sources(
                new ResourceTables(foundation.database()),
                foundation.plans().nodes(),
                digest -> foundation.plans().get(digest).plan(),
                foundation.storage()),
            executions,
            ends,
            settings,
            foundation.clock()));
  }
}
