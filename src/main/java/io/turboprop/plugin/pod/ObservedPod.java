package io.turboprop.plugin.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The part of a watched pod that the engine keeps in memory, about 1 KB: its identity and its
 * status. Texts that are the same for many pods are kept once.
 *
 * @param uid the {@code metadata.uid}; a later pod with the same name has another one
 * @param version the {@code resourceVersion}, which changes with every change of the pod
 * @param attempt the attempt that the pod belongs to ({@link PodMetadata#ATTEMPT}); empty for
 *     foreign pods
 * @param primary the container whose end is the task's; empty when all containers have to end
 * @param deleting whether the pod is being deleted
 * @param finalizers whether the pod has finalizers
 * @param phase the phase in the words of Kubernetes: Pending, Running, Succeeded, Failed, Unknown,
 *     or empty
 * @param containerNames those of the pod's specification
 */
record ObservedPod(
    PodKey key,
    String uid,
    String version,
    String attempt,
    String primary,
    boolean deleting,
    boolean finalizers,
    Instant createdAt,
    String node,
    String hostname,
    String phase,
    String reason,
    String message,
    List<Condition> conditions,
    List<ContainerStatus> initContainers,
    List<ContainerStatus> containers,
    List<ContainerStatus> ephemeralContainers,
    List<String> containerNames) {

  /** A condition; only those that are false are kept. */
  record Condition(String type, String reason, String message, Optional<Instant> since) {}

  /**
   * The status of a container.
   *
   * @param id with its scheme, as {@code containerd://…}; empty before the container is created
   * @param lastEnd the end before the last restart
   */
  record ContainerStatus(
      String name, String id, ContainerState state, Optional<ContainerState.Terminated> lastEnd) {}

  /** The state of a container. */
  sealed interface ContainerState {
    /** Kubernetes says nothing yet. */
    record None() implements ContainerState {}

    /** The container has not started. */
    record Waiting(String reason, String message) implements ContainerState {}

    /** The container runs. */
    record Running(Optional<Instant> startedAt) implements ContainerState {}

    /** The container has ended. */
    record Terminated(
        int exitCode,
        String reason,
        String message,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt)
        implements ContainerState {}
  }

  /** Whether no container of the pod will run any more. */
  boolean hasEnded() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /** Reads a pod as the API server sends it. */
  static ObservedPod of(JsonObject pod) {
    var metadata = object(pod, "metadata");
    var spec = object(pod, "spec");
    var status = object(pod, "status");
    var annotations = object(metadata, "annotations");
    return new ObservedPod(
        new PodKey(text(metadata, "namespace").intern(), text(metadata, "name")),
        text(metadata, "uid"),
        text(metadata, "resourceVersion"),
        text(annotations, PodMetadata.ATTEMPT),
        text(annotations, PodMetadata.PRIMARY),
        metadata.has("deletionTimestamp"),
        !array(metadata, "finalizers").isEmpty(),
        moment(metadata, "creationTimestamp").orElse(Instant.EPOCH),
        text(spec, "nodeName").intern(),
        text(spec, "hostname").intern(),
        text(status, "phase").intern(),
        text(status, "reason").intern(),
        text(status, "message"),
        conditions(array(status, "conditions")),
        statuses(array(status, "initContainerStatuses")),
        statuses(array(status, "containerStatuses")),
        statuses(array(status, "ephemeralContainerStatuses")),
        names(array(spec, "containers")));
  }

  private static List<Condition> conditions(JsonArray all) {
    var conditions = new ArrayList<Condition>();
    for (var element : all) {
      var condition = element.getAsJsonObject();
      if (text(condition, "status").toLowerCase(Locale.ROOT).equals("false")) {
        conditions.add(
            new Condition(
                text(condition, "type").intern(),
                text(condition, "reason").intern(),
                text(condition, "message"),
                moment(condition, "lastTransitionTime")));
      }
    }
    return List.copyOf(conditions);
  }

  private static List<ContainerStatus> statuses(JsonArray all) {
    var statuses = new ArrayList<ContainerStatus>();
    for (var element : all) {
      var container = element.getAsJsonObject();
      statuses.add(
          new ContainerStatus(
              text(container, "name"),
              text(container, "containerID"),
              state(object(container, "state")),
              Optional.of(object(container, "lastState"))
                  .filter(state -> state.has("terminated"))
                  .map(state -> terminated(object(state, "terminated")))));
    }
    return List.copyOf(statuses);
  }

  private static ContainerState state(JsonObject state) {
    if (state.has("terminated")) {
      return terminated(object(state, "terminated"));
    }
    if (state.has("running")) {
      return new ContainerState.Running(moment(object(state, "running"), "startedAt"));
    }
    if (state.has("waiting")) {
      var waiting = object(state, "waiting");
      return new ContainerState.Waiting(text(waiting, "reason").intern(), text(waiting, "message"));
    }
    return new ContainerState.None();
  }

  private static ContainerState.Terminated terminated(JsonObject terminated) {
    return new ContainerState.Terminated(
        terminated.has("exitCode") ? terminated.get("exitCode").getAsInt() : 0,
        text(terminated, "reason").intern(),
        text(terminated, "message"),
        moment(terminated, "startedAt"),
        moment(terminated, "finishedAt"));
  }

  private static List<String> names(JsonArray containers) {
    var names = new ArrayList<String>();
    containers.forEach(container -> names.add(text(container.getAsJsonObject(), "name")));
    return List.copyOf(names);
  }

  private static JsonObject object(JsonObject of, String field) {
    return of.get(field) instanceof JsonObject object ? object : new JsonObject();
  }

  private static JsonArray array(JsonObject of, String field) {
    return of.get(field) instanceof JsonArray array ? array : new JsonArray();
  }

  private static String text(JsonObject of, String field) {
    JsonElement value = of.get(field);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  private static Optional<Instant> moment(JsonObject of, String field) {
    var text = text(of, field);
    return text.isEmpty() ? Optional.empty() : Optional.of(OffsetDateTime.parse(text).toInstant());
  }
}
