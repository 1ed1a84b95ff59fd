package io.turboprop.plugin.pod;

import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.pod.ObservedPod.Condition;
import io.turboprop.plugin.pod.ObservedPod.ContainerState;
import io.turboprop.plugin.pod.ObservedPod.ContainerState.Terminated;
import io.turboprop.plugin.pod.ObservedPod.ContainerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Maps the status of a pod to the phase of its attempt, by the rules of FlytePropeller's pod
 * plugin. Codes and messages of errors are the same, word for word.
 */
record PodPhases(PodSettings.Grace grace) {
  private static final String OUT_OF_MEMORY = "OOMKilled";
  private static final String INTERRUPTED = "Interrupted";
  private static final String UNKNOWN = "UnknownError";
  private static final Set<String> REASONS_OF_NODES =
      Set.of("Shutdown", "Terminated", "NodeShutdown", "NodeAffinity");

  /** The phase of an attempt, from the status of its pod at this time. */
  PodPhase of(ObservedPod pod, Instant now) {
    var phase =
        switch (pod.phase()) {
          case "Succeeded" -> succeeded(pod);
          case "Failed" -> failed(pod);
          case "Pending" -> pending(pod, now);
          default -> running(pod);
        };
    return phase instanceof PodPhase.Active && pod.deleting() ? deleted(pod) : phase;
  }

  /** The end of an attempt whose pod is gone. */
  static PodPhase.Failed gone(PodKey key) {
    return new PodPhase.Failed(
        ExecutionError.system(
            "ResourceDeletedExternally",
            "resource not found, name [%s]. reason: the pod was deleted, and not by the engine"
                .formatted(key)),
        true);
  }

  private static PodPhase.Failed deleted(ObservedPod pod) {
    return new PodPhase.Failed(
        ExecutionError.system(
            "UnexpectedObjectDeletion",
            "object [%s] terminated in the background, manually".formatted(pod.key())),
        true);
  }

  private PodPhase pending(ObservedPod pod, Instant now) {
    // Until the pod has a condition, its wait counts from its creation.
    var since = pod.createdAt();
    PodPhase phase = queued("Demistify Pending");
    for (var condition : pod.conditions()) {
      since = condition.since().orElse(now);
      var found = pending(condition, pod, Duration.between(since, now));
      if (found.isPresent()) {
        phase = found.get();
        break;
      }
    }
    return phase instanceof PodPhase.Active active
        ? within(active, Duration.between(since, now))
        : phase;
  }

  private Optional<PodPhase> pending(Condition condition, ObservedPod pod, Duration elapsed) {
    return switch (condition.type()) {
      case "PodScheduled", "Unschedulable" ->
          Optional.of(queued(condition.reason() + ":" + condition.message()));
      case "Ready" ->
          pod.containers().stream()
              .map(ContainerStatus::state)
              .filter(ContainerState.Waiting.class::isInstance)
              .map(ContainerState.Waiting.class::cast)
              .findFirst()
              .map(waiting -> waiting(condition, waiting, elapsed));
      default -> Optional.empty();
    };
  }

  private static PodPhase.Active queued(String reason) {
    return new PodPhase.Active(TaskPhase.QUEUED, reason, Optional.empty());
  }

  /** A pod that stays pending for too long fails. */
  private PodPhase within(PodPhase.Active pending, Duration elapsed) {
    if (grace.pending().isZero()) {
      return pending;
    }
    var left = grace.pending().minus(elapsed);
    if (!left.isPositive()) {
      return new PodPhase.Failed(ExecutionError.user("PodPendingTimeout", pending.reason()), true);
    }
    var again = pending.again().filter(sooner -> sooner.compareTo(left) < 0).orElse(left);
    return new PodPhase.Active(pending.phase(), pending.reason(), Optional.of(again));
  }

  private PodPhase waiting(Condition condition, ContainerState.Waiting waiting, Duration elapsed) {
    var code = condition.reason() + "|" + waiting.reason();
    var message = condition.message() + "|" + waiting.message();
    return switch (waiting.reason()) {
      case "ErrImagePull", "ContainerCreating", "PodInitializing" ->
          initializing(code, message, Optional.empty());
      case "CreateContainerError" -> graced(code, message, elapsed, grace.createContainer(), false);
      case "CreateContainerConfigError" ->
          graced(code, message, elapsed, grace.containerConfig(), false);
      case "ImagePullBackOff" -> graced(code, message, elapsed, grace.imagePull(), true);
      case "InvalidImageName" -> new PodPhase.Failed(ExecutionError.user(code, message), false);
      default -> new PodPhase.Failed(ExecutionError.system(code, message), true);
    };
  }

  private static PodPhase graced(
      String code, String message, Duration elapsed, Duration grace, boolean recoverable) {
    var left = grace.minus(elapsed);
    return left.isPositive()
        ? initializing(code, message, Optional.of(left))
        : new PodPhase.Failed(
            ExecutionError.user(
                code, "Grace period [%s] exceeded|%s".formatted(text(grace), message)),
            recoverable);
  }

  private static PodPhase initializing(String code, String message, Optional<Duration> again) {
    return new PodPhase.Active(TaskPhase.INITIALIZING, "[%s]: %s".formatted(code, message), again);
  }

  private static PodPhase running(ObservedPod pod) {
    return pod.primary().isEmpty() ? allOf(pod) : primaryOf(pod);
  }

  /** The attempt ends with the last container. */
  private static PodPhase allOf(ObservedPod pod) {
    var done =
        !pod.containers().isEmpty()
            && Stream.concat(pod.containers().stream(), pod.initContainers().stream())
                .allMatch(container ->
                    container.state() instanceof Terminated end && end.exitCode() == 0);
    return done ? succeeded(pod) : runs();
  }

  /** The attempt ends with the primary container, whatever other containers do. */
  private static PodPhase primaryOf(ObservedPod pod) {
    var status =
        pod.containers().stream()
            .filter(container -> container.name().equals(pod.primary()))
            .findFirst();
    return status.map(ContainerStatus::state).orElseGet(ContainerState.None::new)
            instanceof Terminated end
        ? ended(pod.primary(), end)
        : status.isPresent() || pod.containerNames().contains(pod.primary())
            ? runs()
            : new PodPhase.Failed(
                ExecutionError.user(
                    "PrimaryContainerNotFound",
                    "Primary container [%s] not found in pod's container statuses"
                        .formatted(pod.primary())),
                false);
  }

  private static PodPhase runs() {
    return new PodPhase.Active(TaskPhase.RUNNING, "", Optional.empty());
  }

  private static PodPhase ended(String primary, Terminated end) {
    var message = "\r\n" + described(primary, end);
    if (end.reason().contains(OUT_OF_MEMORY)) {
      return new PodPhase.Failed(ExecutionError.user(end.reason(), message), true);
    }
    if (isKilled(end)) {
      return new PodPhase.Failed(ExecutionError.system(code(end), message), true);
    }
    return end.exitCode() == 0
        ? new PodPhase.Succeeded()
        : new PodPhase.Failed(ExecutionError.user(code(end), message), true);
  }

  /** An error needs a code, and a container may end without a reason. */
  private static String code(Terminated end) {
    return end.reason().isEmpty() ? UNKNOWN : end.reason();
  }

  private static PodPhase succeeded(ObservedPod pod) {
    return all(pod)
            .map(ContainerStatus::state)
            .anyMatch(
                state -> state instanceof Terminated end && end.reason().contains(OUT_OF_MEMORY))
        ? new PodPhase.Failed(
            ExecutionError.user(OUT_OF_MEMORY, "Pod reported success despite being OOMKilled"),
            true)
        : new PodPhase.Succeeded();
  }

  private static PodPhase failed(ObservedPod pod) {
    var code = pod.reason().isEmpty() ? UNKNOWN : pod.reason();
    var system = REASONS_OF_NODES.contains(code);
    var message =
        new StringBuilder(
            pod.message().isEmpty()
                ? "Pod failed. No message received from kubernetes."
                : pod.message());
    for (var container : all(pod).toList()) {
      var end = end(container);
      if (end.isEmpty()) {
        continue;
      }
      if (end.get().reason().contains(OUT_OF_MEMORY)) {
        code = OUT_OF_MEMORY;
      } else if (isKilled(end.get())) {
        code = INTERRUPTED;
        system |= container.name().equals(pod.primary());
      }
      message.append("\r\n").append(described(container.name(), end.get()));
    }
    // A failure without any reason is taken for one of the node.
    return system || code.equals(UNKNOWN)
        ? new PodPhase.Failed(ExecutionError.system(INTERRUPTED, message.toString()), true)
        : new PodPhase.Failed(ExecutionError.user(code, message.toString()), true);
  }

  /** The state before the last restart is more useful to the user than the present one. */
  private static Optional<Terminated> end(ContainerStatus container) {
    return container
        .lastEnd()
        .or(() ->
            container.state() instanceof Terminated end ? Optional.of(end) : Optional.empty());
  }

  private static Stream<ContainerStatus> all(ObservedPod pod) {
    return Stream.of(pod.initContainers(), pod.containers(), pod.ephemeralContainers())
        .flatMap(List::stream);
  }

  /** Whether the container was killed: 137 is SIGKILL, 247 what flytekit makes of it. */
  private static boolean isKilled(Terminated end) {
    return end.exitCode() == 137 || end.exitCode() == 247;
  }

  private static String described(String name, Terminated end) {
    return end.exitCode() == 0
        ? "[%s] terminated with ExitCode 0.".formatted(name)
        : "[%s] terminated with exit code (%d). Reason [%s]. Message: \n%s."
            .formatted(name, end.exitCode(), end.reason(), end.message());
  }

  /** The duration in Go's form: {@code 3m0s}, {@code 45s}, {@code 0s}. */
  private static String text(Duration duration) {
    var seconds = duration.toSecondsPart() + "s";
    if (duration.toMinutes() == 0) {
      return seconds;
    }
    var minutes = duration.toMinutesPart() + "m" + seconds;
    return duration.toHours() == 0 ? minutes : duration.toHours() + "h" + minutes;
  }
}
