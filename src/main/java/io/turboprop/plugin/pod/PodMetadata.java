package io.turboprop.plugin.pod;

import flyteidl.core.Security.Secret;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Fnv1a;
import io.turboprop.plugin.TaskContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Name, namespace, labels and annotations of a pod. Of several values the later wins: the
 * installation's, the base template's, the task's, the execution's, then those by which the engine
 * finds its pods again.
 */
record PodMetadata(PodSettings settings) {
  /** The label by which an engine knows the pods of its installation. */
  static final String INSTALLATION = "turboprop.io/installation";

  /** The annotation that says to which attempt a pod belongs. */
  static final String ATTEMPT = "turboprop.io/attempt";

  /** The annotation that says which container's end is the task's. */
  static final String PRIMARY = "primary_container_name";

  static final String FINALIZER = "flyte.org/finalizer-k8s";

  private static final int SHARDS = 32;
  private static final int PARTS_OF_ATTEMPT = 5;

  /** The namespace and name of an attempt's pod. */
  PodKey key(TaskContext task) {
    var execution = task.execution();
    var namespace =
        settings
            .cluster()
            .namespace()
            .replaceAll("\\{\\{\\s*project\\s*}}", execution.project())
            .replaceAll("\\{\\{\\s*domain\\s*}}", execution.domain());
    return new PodKey(namespace, PodNames.pod(task.generatedName()));
  }

  /** The value of {@link #ATTEMPT}. */
  static String attempt(TaskContext task) {
    var execution = task.execution();
    return String.join(
        "/",
        execution.project(),
        execution.domain(),
        execution.name(),
        task.nodeId(),
        Integer.toString(task.attempt()));
  }

  /** The execution of an {@link #ATTEMPT}; empty for the text of a foreign pod. */
  static Optional<ExecutionId> execution(String attempt) {
    var parts = attempt.split("/", -1);
    return parts.length == PARTS_OF_ATTEMPT
        ? Optional.of(new ExecutionId(parts[0], parts[1], parts[2]))
        : Optional.empty();
  }

  V1ObjectMeta of(
      TaskContext task, TaskPod pod, Optional<BasePodTemplate> base, List<Secret> secrets) {
    var key = key(task);
    var metadata =
        new V1ObjectMeta()
            .namespace(key.namespace())
            .name(key.name())
            .labels(labels(task, pod, base, secrets))
            .annotations(annotations(task, pod, base, secrets));
    if (settings.metadata().injectFinalizer()) {
      metadata.addFinalizersItem(FINALIZER);
    }
    return metadata;
  }

  private Map<String, String> labels(
      TaskContext task, TaskPod pod, Optional<BasePodTemplate> base, List<Secret> secrets) {
    var labels = new TreeMap<>(settings.metadata().labels());
    base.map(BasePodTemplate::labels).ifPresent(labels::putAll);
    labels.putAll(pod.labels());
    labels.putAll(task.template().getMetadata().getMetadata().getLabelsMap());
    labels.putAll(ofExecution(task));
    labels.putAll(task.labels());
    labels.putAll(PodSecrets.labels(secrets));
    labels.put(INSTALLATION, settings.cluster().installation());
    return labels;
  }

  private static Map<String, String> ofExecution(TaskContext task) {
    var execution = task.execution();
    var labels = new TreeMap<String, String>();
    labels.put("execution-id", execution.name());
    labels.put("project", PodNames.label(execution.project()));
    labels.put("domain", PodNames.label(execution.domain()));
    labels.put("workflow-name", PodNames.label(task.workflow().getName()));
    labels.put(
        "shard-key",
        Integer.toString(Integer.remainderUnsigned(Fnv1a.hash32(execution.name()), SHARDS)));
    labels.put("node-id", PodNames.label(task.nodeId()));
    labels.put("task-name", PodNames.label(task.template().getId().getName()));
    labels.put("interruptible", Boolean.toString(task.interruptible()));
    var identity = task.securityContext().getRunAs().getExecutionIdentity();
    if (!identity.isEmpty()) {
      labels.put("execution-identity", PodNames.label(identity));
    }
    return labels;
  }

  private Map<String, String> annotations(
      TaskContext task, TaskPod pod, Optional<BasePodTemplate> base, List<Secret> secrets) {
    var annotations = new TreeMap<>(settings.metadata().annotations());
    base.map(BasePodTemplate::annotations).ifPresent(annotations::putAll);
    annotations.putAll(pod.annotations());
    annotations.putAll(task.template().getMetadata().getMetadata().getAnnotationsMap());
    annotations.putAll(task.annotations());
    annotations.putAll(PodSecrets.annotations(secrets));
    if (endsWithItsPrimary(task, pod)) {
      annotations.put(PRIMARY, pod.primary());
    }
    annotations.put(ATTEMPT, attempt(task));
    return annotations;
  }

  /**
   * Whether the end of the primary container is the task's end, whatever other containers do. A raw
   * container's outputs are uploaded after its end.
   */
  private static boolean endsWithItsPrimary(TaskContext task, TaskPod pod) {
    var type = task.template().getType();
    return type.equals("sidecar")
        || (pod.spec().getContainers().size() == 1 && !type.equals("raw-container"));
  }
}
