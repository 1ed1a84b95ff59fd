package io.turboprop.plugin.pod;

import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The resources that a pod requests of its namespace's quota, as Kubernetes computes them. The
 * containers run together, so their requests add up. The init containers run before them, one after
 * another, so the largest request counts if it exceeds that sum. An init container that is always
 * restarted (a sidecar) runs beside all later containers. The overhead of the pod's runtime class
 * is added.
 */
final class RequestedResources {
  private static final String SIDECAR = "Always";

  private RequestedResources() {}

  /** The amounts by the names of quotas, such as {@code cpu} and {@code limits.memory}. */
  static Map<String, BigDecimal> of(V1PodSpec pod) {
    var requests = effective(pod, V1ResourceRequirements::getRequests);
    var limits = effective(pod, V1ResourceRequirements::getLimits);
    var overhead = amounts(pod.getOverhead());
    merge(requests, overhead, BigDecimal::add);
    overhead.forEach(
        (name, amount) -> limits.computeIfPresent(name, (_, limit) -> limit.add(amount)));
    var requested = new HashMap<>(requests);
    requests.forEach((name, amount) -> requested.put("requests." + name, amount));
    limits.forEach((name, amount) -> requested.put("limits." + name, amount));
    requested.put("pods", BigDecimal.ONE);
    return requested;
  }

  private static Map<String, BigDecimal> effective(
      V1PodSpec pod, Function<V1ResourceRequirements, @Nullable Map<String, Quantity>> kind) {
    var sidecars = new HashMap<String, BigDecimal>();
    var beforeStart = new HashMap<String, BigDecimal>();
    for (var container :
        Objects.requireNonNullElse(pod.getInitContainers(), List.<V1Container>of())) {
      var running = new HashMap<>(sidecars);
      merge(running, amounts(container, kind), BigDecimal::add);
      merge(beforeStart, running, BigDecimal::max);
      if (SIDECAR.equals(container.getRestartPolicy())) {
        sidecars = running;
      }
    }
    var together = sidecars;
    pod.getContainers()
        .forEach(container -> merge(together, amounts(container, kind), BigDecimal::add));
    merge(together, beforeStart, BigDecimal::max);
    return together;
  }

  private static Map<String, BigDecimal> amounts(
      V1Container container,
      Function<V1ResourceRequirements, @Nullable Map<String, Quantity>> kind) {
    var resources = container.getResources();
    return resources == null ? Map.of() : amounts(kind.apply(resources));
  }

  private static Map<String, BigDecimal> amounts(@Nullable Map<String, Quantity> quantities) {
    var amounts = new HashMap<String, BigDecimal>();
    if (quantities != null) {
      quantities.forEach((name, quantity) -> amounts.put(name, quantity.getNumber()));
    }
    return amounts;
  }

  private static void merge(
      Map<String, BigDecimal> into,
      Map<String, BigDecimal> other,
      BinaryOperator<BigDecimal> operation) {
    other.forEach((name, amount) -> into.merge(name, amount, operation));
  }
}
