package io.turboprop.plugin.pod;

import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.pod.ObservedPod.ContainerState;
import io.turboprop.setting.PeriodicJob;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the pods that are left of executions that have ended: those that run, because the engine
 * that should have deleted them was lost, and those that have ended some time ago. Pods of
 * executions that go on stay, because another node may not have read their end yet. Pods of
 * executions that the engine does not know stay as well: another installation may have them.
 */
final class PodSweeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodSweeper.class);

  private final PodInformer informer;
  private final Pods pods;
  private final PodSettings.Ending settings;
  private final Function<ExecutionId, Optional<Boolean>> hasEnded;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("turboprop-pod-sweeper").factory());

  /**
   * @param hasEnded whether an execution has ended; empty for an execution that the engine does not
   *     know
   */
  PodSweeper(
      PodInformer informer,
      Pods pods,
      PodSettings.Ending settings,
      Function<ExecutionId, Optional<Boolean>> hasEnded,
      Clock clock) {
    this.informer = informer;
    this.pods = pods;
    this.settings = settings;
    this.hasEnded = hasEnded;
    this.clock = clock;
  }

  /** Sweeps from now on. */
  void start() {
    var pause = settings.sweepInterval().toMillis();
    var _ =
        thread.scheduleWithFixedDelay(
            PeriodicJob.of(
                LOG,
                "pods that are not needed any more could not be deleted; this is tried again",
                () -> sweep(clock.instant())),
            pause,
            pause,
            TimeUnit.MILLISECONDS);
  }

  /**
   * Deletes what is left. A pod that can't be deleted does not hold up the others.
   *
   * @throws IOException if a pod could not be deleted, after all others
   */
  private void sweep(Instant now) throws IOException {
    var failure = Optional.<IOException>empty();
    var known = new HashMap<ExecutionId, Optional<Boolean>>();
    for (var pod : informer.all()) {
      var execution = PodMetadata.execution(pod.attempt());
      if (execution.isEmpty() || pod.deleting() || informer.isFollowed(pod.key())) {
        continue;
      }
      if (pod.hasEnded() && endedAt(pod).plus(settings.kept()).isAfter(now)) {
        continue;
      }
      var ended = known.computeIfAbsent(execution.get(), hasEnded);
      // Of an execution that goes on, another node may not have read the end of the pod yet.
      if (ended.isPresent() && ended.get()) {
        LOG.debug("the pod {} is not needed any more, and is deleted", pod.key());
        try {
          pods.removeFinalizer(pod);
          pods.delete(pod);
        } catch (IOException e) {
          failure = Optional.of(new IOException(pod.key() + ": " + e.getMessage(), e));
        }
      }
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  /**
   * When the last container ended; for a pod without containers that ended, when it was created.
   */
  private static Instant endedAt(ObservedPod pod) {
    return pod.containers().stream()
        .map(ObservedPod.ContainerStatus::state)
        .filter(ContainerState.Terminated.class::isInstance)
        .flatMap(state -> ((ContainerState.Terminated) state).finishedAt().stream())
        .max(Comparator.naturalOrder())
        .orElse(pod.createdAt());
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
