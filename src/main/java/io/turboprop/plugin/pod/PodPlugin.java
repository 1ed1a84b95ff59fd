package io.turboprop.plugin.pod;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.TaskLog;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Outage;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks as pods of a cluster.
 *
 * <p>The first call for an attempt creates its pod. Further calls follow only when the informer
 * reports a change of the pod. If a pod of that name already exists and its annotation names this
 * attempt, an earlier call created it, for instance before a crash; the attempt adopts it. While
 * the API server does not answer, {@link #handle} keeps the attempt waiting: an outage fails no
 * task.
 */
final class PodPlugin implements TaskPlugin {
  static final String ID = "pod";

  private static final Logger LOG = LoggerFactory.getLogger(PodPlugin.class);

  /** The reason of a new pod; the text is Flyte's. */
  private static final String SUBMITTED_REASON = "task submitted to K8s";

  private static final PodState SUBMITTED =
      new PodState(TaskPhase.QUEUED, 0, SUBMITTED_REASON.hashCode());

  private final PodSettings settings;
  private final PodBuilder builder;
  private final Pods pods;
  private final PodInformer informer;
  private final PodPhases phases;
  private final PodLogLinks logs;
  private final CreationBackOff backOff;
  private final Clock clock;
  private final Runnable closeConnections;
  private final BlockingCalls blocking =
      new BlockingCalls(Executors.newVirtualThreadPerTaskExecutor());

  /**
   * @param closeConnections stops the informer and closes the connections
   */
  PodPlugin(
      PodSettings settings,
      PodBuilder builder,
      Pods pods,
      PodInformer informer,
      CreationBackOff backOff,
      Clock clock,
      Runnable closeConnections) {
    this.settings = settings;
    this.builder = builder;
    this.pods = pods;
    this.informer = informer;
    this.phases = new PodPhases(settings.grace());
    this.logs = new PodLogLinks(settings.logs());
    this.backOff = backOff;
    this.clock = clock;
    this.closeConnections = closeConnections;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      var key = builder.key(task);
      informer.follow(key, task::lookAgain);
      var started = PodState.parse(state);
      try {
        return started.isPresent() ? look(task, key, started.get()) : start(task, key);
      } catch (TaskSpecificationException e) {
        return failed(
            ExecutionError.user(
                "FailedToBuildResource", "could not build resource for task: " + e.text()),
            false);
      } catch (IOException e) {
        return started.map(before -> keepPhase(before, e)).orElseGet(() -> waitForApi(e));
      }
    });
  }

  private TaskTransition start(TaskContext task, PodKey key)
      throws TaskSpecificationException, IOException {
    var known = informer.pod(key);
    if (known.isPresent()) {
      return adopt(task, known.get());
    }
    var pod = builder.build(task);
    var requested = RequestedResources.of(Objects.requireNonNull(pod.getSpec()));
    var pause = backOff.pause(key.namespace(), requested);
    if (pause.isPresent()) {
      return waiting(
          "the pod is not created yet: the Kubernetes API refused other pods in namespace "
              + key.namespace()
              + " (quota used up, or overloaded)",
          pause.get());
    }
    return switch (pods.create(task.execution(), pod)) {
      case Pods.Creation.Created(var created) -> {
        backOff.succeeded(key.namespace());
        informer.learn(created);
        yield running(SUBMITTED, SUBMITTED_REASON, List.of(), Optional.empty());
      }
      case Pods.Creation.AlreadyExists _ -> {
        var existing = pods.find(key);
        yield existing.isPresent()
            ? adopt(task, existing.get())
            : waiting(
                "a pod of the same name is being deleted; the pod is created when it is gone",
                settings.watching().retry().min());
      }
      case Pods.Creation.NoNamespace(var reason) ->
          waiting(reason, settings.watching().retry().max());
      case Pods.Creation.Refused refused -> refused(refused, key.namespace());
    };
  }

  /** Takes over a pod that an earlier call for the same attempt created. */
  private TaskTransition adopt(TaskContext task, ObservedPod pod) {
    if (!pod.attempt().equals(PodMetadata.attempt(task))) {
      return failed(
          ExecutionError.system(
              "PodNameTaken",
              "the pod %s exists and is not of this attempt; its annotation %s is '%s'"
                  .formatted(pod.key(), PodMetadata.ATTEMPT, pod.attempt())),
          false);
    }
    informer.learn(pod);
    return phase(task, pod, SUBMITTED);
  }

  private TaskTransition refused(Pods.Creation.Refused refused, String namespace) {
    return switch (CreationRefusals.of(refused)) {
      case CreationRefusals.Refusal.Fail(var error, var recoverable) -> failed(error, recoverable);
      case CreationRefusals.Refusal.Wait(var reason, var requested) ->
          waiting(reason, backOff.refused(namespace, requested));
    };
  }

  private TaskTransition look(TaskContext task, PodKey key, PodState before) throws IOException {
    var known = informer.pod(key);
    if (known.isEmpty() && !informer.hasListed()) {
      return unchanged(before, Optional.empty());
    }
    // The informer may not know a new pod yet, so ask the API server.
    var pod = known.isPresent() ? known : pods.find(key);
    if (pod.isEmpty()) {
      var gone = PodPhases.gone(key);
      return failed(gone.error(), gone.recoverable());
    }
    informer.learn(pod.get());
    return phase(task, pod.get(), before);
  }

  private TaskTransition phase(TaskContext task, ObservedPod pod, PodState before) {
    var links = logs.of(task, pod);
    return switch (phases.of(pod, clock.instant())) {
      case PodPhase.Active(var phase, var reason, var again) ->
          running(before.next(phase, reason, !links.isEmpty()), reason, links, again);
      case PodPhase.Succeeded() ->
          new TaskTransition.Succeeded(new TaskTransition.Outputs.Files(), info(links, ""));
      case PodPhase.Failed(var error, var recoverable) ->
          new TaskTransition.Failed(error, recoverable, info(links, ""));
    };
  }

  private static TaskTransition running(
      PodState state, String reason, List<TaskLog> links, Optional<Duration> again) {
    return new TaskTransition.Running(
        state.phase(),
        state.version(),
        state.bytes(),
        info(links, reason),
        again.<LookAgain>map(LookAgain.After::new).orElseGet(LookAgain.WhenNotified::new));
  }

  /** The transition of an attempt about which nothing new is known: the phase stays. */
  private static TaskTransition unchanged(PodState before, Optional<Duration> lookAgainAfter) {
    return running(before, "", List.of(), lookAgainAfter);
  }

  private TaskTransition keepPhase(PodState before, IOException problem) {
    LOG.warn("the attempt stays as it is: {}", reason(problem));
    return unchanged(before, Optional.of(settings.watching().retry().max()));
  }

  private TaskTransition waitForApi(IOException problem) {
    return waiting(reason(problem), settings.watching().retry().max());
  }

  private static String reason(IOException problem) {
    return (Outage.isCauseOf(problem)
            ? "the Kubernetes API does not answer: "
            : "the Kubernetes API refuses a request of the engine: ")
        + problem.getMessage();
  }

  private static TaskTransition waiting(String reason, Duration again) {
    return new TaskTransition.Running(
        TaskPhase.WAITING_FOR_RESOURCES,
        0,
        ByteString.EMPTY,
        info(List.of(), reason),
        new LookAgain.After(again));
  }

  private static TaskTransition failed(ExecutionError error, boolean recoverable) {
    return new TaskTransition.Failed(error, recoverable, TaskInfo.NONE);
  }

  private static TaskInfo info(List<TaskLog> links, String reason) {
    return new TaskInfo(
        links, Optional.of(reason).filter(text -> !text.isEmpty()), Optional.empty());
  }

  /**
   * Deletes the attempt's pod. Completes when the API server has accepted the request, as in Flyte:
   * the kubelet then sends SIGTERM to the containers, and kills them after the pod's grace period.
   * Containers that still run write only below the prefixes of their own attempt.
   */
  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      var pod = podOf(task);
      if (pod.isPresent()) {
        pods.removeFinalizer(pod.get());
        pods.delete(pod.get());
      }
      return null;
    });
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return blocking.callChecked(() -> {
      try {
        var pod = podOf(task);
        if (pod.isPresent()) {
          pods.removeFinalizer(pod.get());
          if (settings.ending().deleteAtOnce() || stillRuns(pod.get())) {
            pods.delete(pod.get());
          }
        }
      } finally {
        // Otherwise the sweeper would never delete the pod: it skips pods that are followed.
        informer.leave(builder.key(task));
      }
      return null;
    });
  }

  @Override
  public CompletionStage<Void> forget(ExecutionId execution) {
    return blocking.callChecked(() -> {
      for (var pod : informer.all()) {
        if (PodMetadata.execution(pod.attempt()).equals(Optional.of(execution))) {
          pods.removeFinalizer(pod);
          pods.delete(pod);
        }
      }
      return null;
    });
  }

  /**
   * The attempt's pod, if it exists. The API server is asked for a pod that the informer does not
   * know: its creation may have been accepted without an answer. A pod of the same name that
   * another attempt or installation created is left out.
   */
  private Optional<ObservedPod> podOf(TaskContext task) throws IOException {
    var key = builder.key(task);
    var known = informer.pod(key);
    if (known.isEmpty()) {
      known = pods.find(key);
    }
    return known.filter(pod -> pod.attempt().equals(PodMetadata.attempt(task)));
  }

  /**
   * Whether a container still runs or may still start, for instance a sidecar, or a container whose
   * image could not be pulled.
   */
  private static boolean stillRuns(ObservedPod pod) {
    return !pod.hasEnded()
        && !pod.deleting()
        && (pod.containers().size() < pod.containerNames().size()
            || pod.containers().stream()
                .anyMatch(container ->
                    !(container.state() instanceof ObservedPod.ContainerState.Terminated)));
  }

  @Override
  public void close() {
    closeConnections.run();
  }
}
