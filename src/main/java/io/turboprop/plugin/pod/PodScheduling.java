package io.turboprop.plugin.pod;

import io.kubernetes.client.openapi.models.V1Affinity;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1NodeAffinity;
import io.kubernetes.client.openapi.models.V1NodeSelector;
import io.kubernetes.client.openapi.models.V1NodeSelectorRequirement;
import io.kubernetes.client.openapi.models.V1NodeSelectorTerm;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Toleration;
import java.util.ArrayList;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** On which nodes of the cluster a pod may run: affinity, node selector and tolerations. */
record PodScheduling(PodSettings.Scheduling settings) {

  void apply(V1PodSpec pod, boolean interruptible) {
    pod.setTolerations(tolerations(pod, interruptible));
    if (isUnset(pod.getSchedulerName()) && !settings.schedulerName().isEmpty()) {
      pod.setSchedulerName(settings.schedulerName());
    }
    var nodes = new TreeMap<>(settings.nodeSelector());
    nodes.putAll(pod.getNodeSelector());
    if (interruptible) {
      nodes.putAll(settings.interruptibleNodeSelector());
    }
    pod.setNodeSelector(nodes);
    if (pod.getAffinity() == null) {
      settings.affinity().ifPresent(affinity -> pod.setAffinity(copyOf(affinity)));
    }
    var requirement =
        interruptible
            ? settings.interruptibleRequirement()
            : settings.nonInterruptibleRequirement();
    requirement.ifPresent(required -> require(pod, required));
  }

  private ArrayList<V1Toleration> tolerations(V1PodSpec pod, boolean interruptible) {
    var resources = new TreeSet<String>();
    Stream.concat(pod.getContainers().stream(), pod.getInitContainers().stream())
        .map(V1Container::getResources)
        .filter(Objects::nonNull)
        .forEach(required -> {
          resources.addAll(required.getRequests().keySet());
          resources.addAll(required.getLimits().keySet());
        });
    var tolerations = new ArrayList<V1Toleration>();
    resources.forEach(resource ->
        Optional.ofNullable(settings.resourceTolerations().get(resource))
            .ifPresent(tolerations::addAll));
    if (interruptible) {
      tolerations.addAll(settings.interruptibleTolerations());
    }
    tolerations.addAll(settings.tolerations());
    tolerations.addAll(pod.getTolerations());
    return tolerations;
  }

  private static boolean isUnset(@Nullable String text) {
    return text == null || text.isEmpty();
  }

  /** A pod changes its affinity; the installation's stays as it is. */
  private static V1Affinity copyOf(V1Affinity affinity) {
    return KubernetesJson.read(KubernetesJson.of(affinity), V1Affinity.class);
  }

  /** Adds a requirement to every alternative of the pod's required node affinity. */
  static void require(V1PodSpec pod, V1NodeSelectorRequirement requirement) {
    var affinity = Objects.requireNonNullElseGet(pod.getAffinity(), V1Affinity::new);
    var ofNodes = Objects.requireNonNullElseGet(affinity.getNodeAffinity(), V1NodeAffinity::new);
    var required =
        Objects.requireNonNullElseGet(
            ofNodes.getRequiredDuringSchedulingIgnoredDuringExecution(),
            () -> new V1NodeSelector().nodeSelectorTerms(new ArrayList<>()));
    if (required.getNodeSelectorTerms().isEmpty()) {
      required.addNodeSelectorTermsItem(new V1NodeSelectorTerm());
    }
    required.getNodeSelectorTerms().forEach(term -> term.addMatchExpressionsItem(requirement));
    pod.setAffinity(
        affinity.nodeAffinity(ofNodes.requiredDuringSchedulingIgnoredDuringExecution(required)));
  }
}
