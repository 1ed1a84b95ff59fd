package io.turboprop.plugin.pod;

import flyteidl.admin.MatchableResourceOuterClass.TaskResourceAttributes;
import flyteidl.admin.MatchableResourceOuterClass.TaskResourceSpec;
import flyteidl.core.Tasks.Resources;
import flyteidl.core.Tasks.Resources.ResourceEntry;
import flyteidl.core.Tasks.Resources.ResourceName;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The resources that a container requests, and their limits.
 *
 * @param settings the defaults and bounds of all containers of the task
 * @param gpu the resource that stands for GPUs
 */
record PodResources(PodSettings.Resources settings, String gpu) {
  static final String CPU = "cpu";
  static final String MEMORY = "memory";
  static final String EPHEMERAL_STORAGE = "ephemeral-storage";

  /** The name of GPUs in templates of tasks. */
  private static final String NVIDIA = "nvidia.com/gpu";

  private static final String ANY_GPU = "gpu";

  /**
   * The defaults and bounds for a task: the TASK_RESOURCE attributes, whose bounds replace those of
   * the installation as a whole, as in Flyte. A default that they leave out is the installation's.
   *
   * @param gpu the resource that stands for GPUs
   * @param attributes the default instance if there are none
   * @throws TaskSpecificationException when a quantity is none
   */
  static PodSettings.Resources platform(
      PodSettings.Resources installation, String gpu, TaskResourceAttributes attributes)
      throws TaskSpecificationException {
    var defaults = quantities(attributes.getDefaults(), gpu);
    return new PodSettings.Resources(
        defaults.getOrDefault(CPU, installation.cpu()),
        defaults.getOrDefault(MEMORY, installation.memory()),
        attributes.hasLimits() ? quantities(attributes.getLimits(), gpu) : installation.limits());
  }

  private static Map<String, Quantity> quantities(TaskResourceSpec spec, String gpu)
      throws TaskSpecificationException {
    var quantities = new TreeMap<String, Quantity>();
    put(quantities, CPU, spec.getCpu());
    put(quantities, MEMORY, spec.getMemory());
    put(quantities, EPHEMERAL_STORAGE, spec.getEphemeralStorage());
    put(quantities, gpu, spec.getGpu());
    return quantities;
  }

  private static void put(Map<String, Quantity> quantities, String name, String value)
      throws TaskSpecificationException {
    if (!value.isEmpty()) {
      quantities.put(name, quantity(name, value));
    }
  }

  /**
   * The resources of a container as its task declares them. Quantities of zero are left out, and so
   * is storage, which Kubernetes does not know.
   *
   * @throws TaskSpecificationException when a quantity is none
   */
  static V1ResourceRequirements declared(Resources declared) throws TaskSpecificationException {
    return new V1ResourceRequirements()
        .requests(quantities(declared.getRequestsList()))
        .limits(quantities(declared.getLimitsList()));
  }

  private static Map<String, Quantity> quantities(List<ResourceEntry> entries)
      throws TaskSpecificationException {
    var quantities = new TreeMap<String, Quantity>();
    for (var entry : entries) {
      var name = name(entry.getName());
      if (name.isPresent()) {
        var quantity = quantity(entry.getName().name(), entry.getValue());
        if (!isZero(quantity)) {
          quantities.put(name.get(), quantity);
        }
      }
    }
    return quantities;
  }

  private static Optional<String> name(ResourceName name) {
    return switch (name) {
      case CPU -> Optional.of(CPU);
      case GPU -> Optional.of(NVIDIA);
      case MEMORY -> Optional.of(MEMORY);
      case EPHEMERAL_STORAGE -> Optional.of(EPHEMERAL_STORAGE);
      case STORAGE, UNKNOWN, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static Quantity quantity(String name, String value) throws TaskSpecificationException {
    try {
      return new Quantity(value);
    } catch (RuntimeException _) {
      throw TaskSpecificationException.badSpecification(
          "'%s' is no quantity of %s, such as 500m or 2Gi".formatted(value, name));
    }
  }

  private static boolean isZero(Quantity quantity) {
    return quantity.getNumber().signum() == 0;
  }

  /**
   * The resources of a primary or init container: those that the node overrides, then its own, then
   * those of the base pod template, then the installation's defaults; within the bounds.
   */
  V1ResourceRequirements merged(
      V1ResourceRequirements overrides,
      @Nullable V1ResourceRequirements own,
      Optional<V1ResourceRequirements> ofTemplate) {
    var result = new V1ResourceRequirements();
    var requests = new TreeMap<String, Quantity>();
    var limits = new TreeMap<String, Quantity>();
    ofTemplate.ifPresent(below -> putAll(below, requests, limits));
    putAll(own, requests, limits);
    putAll(overrides, requests, limits);
    bound(CPU, Optional.of(settings.cpu()), requests, limits);
    bound(MEMORY, Optional.of(settings.memory()), requests, limits);
    bound(EPHEMERAL_STORAGE, Optional.empty(), requests, limits);
    bound(gpu, Optional.empty(), requests, limits);
    return copyClaims(own, result.requests(requests).limits(limits));
  }

  /** The resources of any other container: its own, or those of the template, within the bounds. */
  V1ResourceRequirements bounded(
      @Nullable V1ResourceRequirements own, Optional<V1ResourceRequirements> ofTemplate) {
    var requests = new TreeMap<String, Quantity>();
    var limits = new TreeMap<String, Quantity>();
    ofTemplate.ifPresent(below -> putAll(below, requests, limits));
    putAll(own, requests, limits);
    for (var name : List.of(CPU, MEMORY, EPHEMERAL_STORAGE, gpu)) {
      clamp(name, requests, limits);
    }
    return copyClaims(own, new V1ResourceRequirements().requests(requests).limits(limits));
  }

  private static V1ResourceRequirements copyClaims(
      @Nullable V1ResourceRequirements from, V1ResourceRequirements to) {
    return from == null ? to : to.claims(from.getClaims());
  }

  private void putAll(
      @Nullable V1ResourceRequirements from,
      Map<String, Quantity> requests,
      Map<String, Quantity> limits) {
    if (from == null) {
      return;
    }
    from.getRequests().forEach((name, quantity) -> requests.put(named(name), quantity));
    from.getLimits().forEach((name, quantity) -> limits.put(named(name), quantity));
  }

  /** Tasks ask for GPUs of any kind; the installation says which kind these are. */
  private String named(String resource) {
    return resource.equals(ANY_GPU) || resource.equals(NVIDIA) ? gpu : resource;
  }

  private void bound(
      String name,
      Optional<Quantity> fallback,
      Map<String, Quantity> requests,
      Map<String, Quantity> limits) {
    if (!requests.containsKey(name)) {
      var limit = Optional.ofNullable(limits.get(name));
      limit.or(() -> fallback).ifPresent(request -> requests.put(name, request));
    }
    if (!limits.containsKey(name) && requests.containsKey(name)) {
      limits.put(name, Objects.requireNonNull(requests.get(name)));
    }
    clamp(name, requests, limits);
  }

  private void clamp(String name, Map<String, Quantity> requests, Map<String, Quantity> limits) {
    var most = settings.limits().get(name);
    if (most != null && !isZero(most)) {
      limits.computeIfPresent(name, (_, limit) -> least(limit, most));
      requests.computeIfPresent(name, (_, request) -> least(request, most));
    }
    var limit = limits.get(name);
    if (limit != null) {
      requests.computeIfPresent(name, (_, request) -> least(request, limit));
    }
  }

  private static Quantity least(Quantity one, Quantity other) {
    return number(one).compareTo(number(other)) <= 0 ? one : other;
  }

  private static BigDecimal number(Quantity quantity) {
    return quantity.getNumber();
  }
}
