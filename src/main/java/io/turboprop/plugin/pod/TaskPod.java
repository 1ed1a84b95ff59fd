package io.turboprop.plugin.pod;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.DataLoadingConfig;
import flyteidl.core.Tasks.K8sPod;
import flyteidl.core.Tasks.TaskTemplate;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The pod that a task and its node ask for, before any rule of the installation: the template's
 * {@code container} or {@code k8s_pod}.
 *
 * @param spec this record's own; the builder changes it
 * @param primary the name of the container whose end is the task's
 * @param labels those of the task
 * @param annotations those of the task
 * @param data the settings for a container that does not read and write Flyte's files by itself
 */
record TaskPod(
    V1PodSpec spec,
    String primary,
    Map<String, String> labels,
    Map<String, String> annotations,
    DataLoadingConfig data) {
  private static final String PRIMARY = "primary_container_name";
  private static final String SIDECAR = "sidecar";

  /**
   * Finds the pod of an attempt.
   *
   * @throws TaskSpecificationException when the task has none, or it does not name its primary
   *     container
   */
  static TaskPod of(TaskContext task, String imagePullPolicy) throws TaskSpecificationException {
    var own = ofTemplate(task, imagePullPolicy);
    if (!task.overrides().hasPodTemplate()) {
      return own;
    }
    var override = task.overrides().getPodTemplate();
    var labels = merged(own.labels, override.getMetadata().getLabelsMap());
    var annotations = merged(own.annotations, override.getMetadata().getAnnotationsMap());
    return override.hasPodSpec()
        ? new TaskPod(
            KubernetesJson.podSpec(override.getPodSpec()),
            override.getPrimaryContainerName(),
            labels,
            annotations,
            own.data)
        : new TaskPod(own.spec, own.primary, labels, annotations, own.data);
  }

  private static TaskPod ofTemplate(TaskContext task, String imagePullPolicy)
      throws TaskSpecificationException {
    var template = task.template();
    if (template.getType().equals(SIDECAR) && !template.hasK8SPod()) {
      return ofSidecar(template);
    }
    return switch (template.getTargetCase()) {
      case CONTAINER -> {
        var name = PodNames.container(task.generatedName());
        var container = container(template.getContainer(), name, imagePullPolicy);
        yield new TaskPod(
            new V1PodSpec().overhead(null).addContainersItem(container),
            name,
            Map.of(),
            Map.of(),
            template.getContainer().getDataConfig());
      }
      case K8S_POD -> ofPod(template.getK8SPod(), primary(template));
      case SQL, TARGET_NOT_SET ->
          throw TaskSpecificationException.badSpecification(
              "a task of type '%s' needs a container or a pod; it has %s"
                  .formatted(template.getType(), template.getTargetCase()));
    };
  }

  private static V1Container container(Container declared, String name, String imagePullPolicy)
      throws TaskSpecificationException {
    var container =
        new V1Container()
            .name(name)
            .image(declared.getImage())
            .command(List.copyOf(declared.getCommandList()))
            .args(List.copyOf(declared.getArgsList()))
            .terminationMessagePolicy("FallbackToLogsOnError")
            .resources(PodResources.declared(declared.getResources()));
    if (!imagePullPolicy.isEmpty()) {
      container.imagePullPolicy(imagePullPolicy);
    }
    declared
        .getEnvList()
        .forEach(pair ->
            container.addEnvItem(new V1EnvVar().name(pair.getKey()).value(pair.getValue())));
    return container;
  }

  private static TaskPod ofPod(K8sPod pod, String primary) throws TaskSpecificationException {
    return new TaskPod(
        KubernetesJson.podSpec(pod.getPodSpec()),
        primary,
        pod.getMetadata().getLabelsMap(),
        pod.getMetadata().getAnnotationsMap(),
        pod.getDataConfig());
  }

  private static TaskPod ofSidecar(TaskTemplate template) throws TaskSpecificationException {
    var custom = template.getCustom();
    var none = DataLoadingConfig.getDefaultInstance();
    return template.getTaskTypeVersion() == 0
        ? new TaskPod(
            KubernetesJson.podSpec(field(custom, "podSpec").getStructValue()),
            field(custom, "primaryContainerName").getStringValue(),
            strings(field(custom, "labels").getStructValue()),
            strings(field(custom, "annotations").getStructValue()),
            none)
        : new TaskPod(KubernetesJson.podSpec(custom), primary(template), Map.of(), Map.of(), none);
  }

  private static String primary(TaskTemplate template) throws TaskSpecificationException {
    if (!template.containsConfig(PRIMARY)) {
      throw TaskSpecificationException.badSpecification(
          "the task's config does not say which container is the primary one (" + PRIMARY + ")");
    }
    return template.getConfigOrThrow(PRIMARY);
  }

  private static Value field(Struct struct, String name) {
    return struct.getFieldsOrDefault(name, Value.getDefaultInstance());
  }

  private static Map<String, String> strings(Struct struct) {
    return struct.getFieldsMap().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().getStringValue()));
  }

  private static Map<String, String> merged(Map<String, String> below, Map<String, String> above) {
    var merged = new TreeMap<>(below);
    merged.putAll(above);
    return merged;
  }

  /** The primary container. */
  V1Container primaryContainer() throws TaskSpecificationException {
    return spec.getContainers().stream()
        .filter(container -> container.getName().equals(primary))
        .findFirst()
        .orElseThrow(() ->
            TaskSpecificationException.badSpecification(
                "the pod has no container '%s', which should be its primary one; it has %s"
                    .formatted(
                        primary,
                        spec.getContainers().stream().map(V1Container::getName).toList())));
  }
}
