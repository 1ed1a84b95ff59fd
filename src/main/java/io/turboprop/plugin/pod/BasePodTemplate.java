package io.turboprop.plugin.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The PodTemplate that lies below a task's pod: the pod's values win, lists are appended to the
 * template's, maps are merged.
 *
 * <p>Containers of the template with the names {@code default} and {@code primary} ({@code
 * default-init} and {@code primary-init} among init containers) lie below the task's containers;
 * else one of the same name does. Containers that only the template has are left out.
 */
final class BasePodTemplate {
  private static final String ALL = "default";
  private static final String PRIMARY = "primary";
  private static final String OF_INIT = "-init";

  private final V1PodSpec spec;
  private final Map<String, String> labels;
  private final Map<String, String> annotations;

  private BasePodTemplate(
      V1PodSpec spec, Map<String, String> labels, Map<String, String> annotations) {
    this.spec = spec;
    this.labels = labels;
    this.annotations = annotations;
  }

  static BasePodTemplate of(V1PodTemplateSpec template) {
    var metadata = template.getMetadata();
    return new BasePodTemplate(
        Objects.requireNonNullElseGet(template.getSpec(), () -> new V1PodSpec().overhead(null)),
        metadata == null ? Map.of() : new TreeMap<>(metadata.getLabels()),
        metadata == null ? Map.of() : new TreeMap<>(metadata.getAnnotations()));
  }

  Map<String, String> labels() {
    return labels;
  }

  Map<String, String> annotations() {
    return annotations;
  }

  /** The template's resources for a container. */
  Optional<V1ResourceRequirements> resources(String container, boolean isPrimary) {
    return below(spec.getContainers(), container, isPrimary, "")
        .map(V1Container::getResources)
        .filter(Objects::nonNull)
        .reduce((_, later) -> later);
  }

  /** The pod with this template below it. */
  V1PodSpec below(V1PodSpec pod, String primary, String primaryInit) {
    var containers = containers(spec.getContainers(), pod.getContainers(), primary, "");
    var initContainers =
        containers(spec.getInitContainers(), pod.getInitContainers(), primaryInit, OF_INIT);
    var merged = KubernetesJson.read(merge(bare(spec), bare(pod)), V1PodSpec.class);
    return merged.containers(containers).initContainers(initContainers);
  }

  /** A pod's fields except its containers. */
  private static JsonObject bare(V1PodSpec pod) {
    var json = KubernetesJson.of(pod);
    json.add("containers", new JsonArray());
    json.remove("initContainers");
    return json;
  }

  private static List<V1Container> containers(
      List<V1Container> ofTemplate, List<V1Container> own, String primary, String suffix) {
    var containers = new ArrayList<V1Container>();
    for (var container : own) {
      var layers =
          below(ofTemplate, container.getName(), container.getName().equals(primary), suffix)
              .toList();
      var merged = new JsonObject();
      for (var layer : layers) {
        merged = merge(merged, KubernetesJson.of(layer));
      }
      merged = merge(merged, KubernetesJson.of(container));
      containers.add(KubernetesJson.read(merged, V1Container.class));
    }
    return containers;
  }

  /** The template's containers below a container, the lowest first. */
  private static Stream<V1Container> below(
      List<V1Container> ofTemplate, String name, boolean isPrimary, String suffix) {
    return Stream.of(ALL + suffix, isPrimary ? PRIMARY + suffix : "", name)
        .flatMap(
            wanted -> ofTemplate.stream().filter(container -> container.getName().equals(wanted)));
  }

  private static JsonObject merge(JsonObject below, JsonObject above) {
    var merged = below.deepCopy();
    above
        .entrySet()
        .forEach(field ->
            merged.add(field.getKey(), merge(merged.get(field.getKey()), field.getValue())));
    return merged;
  }

  private static JsonElement merge(@Nullable JsonElement below, JsonElement above) {
    if (below instanceof JsonObject lower && above instanceof JsonObject upper) {
      return merge(lower, upper);
    }
    if (below instanceof JsonArray lower && above instanceof JsonArray upper) {
      var both = lower.deepCopy();
      both.addAll(upper);
      return both;
    }
    return above.isJsonNull() && below != null ? below : above;
  }
}
