package io.turboprop.plugin.pod;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each attempt to one of several clusters, each of which has a {@link PodPlugin} of its own.
 *
 * <p>The first answer of an attempt binds it to its cluster, and creates no pod: the state of the
 * attempt holds the cluster's id, and the engine calls again when it has recorded this state. So
 * neither a crash nor changed settings send an attempt to a second cluster, and an attempt of a
 * cluster that is away waits for it, whatever the other clusters do.
 */
final class MultiClusterPodPlugin implements TaskPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(MultiClusterPodPlugin.class);

  private static final Duration NO_CLUSTER_PAUSE = Duration.ofSeconds(10);

  private final TargetClusters clusters;
  private final Map<String, PodPlugin> byId;
  private final Clock clock;

  /**
   * @param byId the plugin of each cluster, by its id
   */
  MultiClusterPodPlugin(TargetClusters clusters, Map<String, PodPlugin> byId, Clock clock) {
    this.clusters = clusters;
    this.byId = Map.copyOf(byId);
    this.clock = clock;
  }

  /**
   * The state of an attempt: the cluster that it is bound to, and the state of that cluster's
   * plugin. The state of an attempt from before there were several clusters names none.
   *
   * @param cluster an id; empty while the attempt is not bound
   */
  record Binding(Optional<String> cluster, ByteString state) {
    private static final String MARK = "@";
    private static final String SEPARATOR = " ";

    static Binding parse(ByteString stored) {
      var text = stored.toStringUtf8();
      if (text.startsWith(MARK)) {
        var end = text.indexOf(SEPARATOR);
        return new Binding(
            Optional.of(text.substring(MARK.length(), end)),
            ByteString.copyFromUtf8(text.substring(end + SEPARATOR.length())));
      }
      return new Binding(
          stored.isEmpty() ? Optional.empty() : Optional.of(TargetClusters.DEFAULT), stored);
    }

    static ByteString bytes(String cluster, ByteString state) {
      return ByteString.copyFromUtf8(MARK + cluster + SEPARATOR).concat(state);
    }
  }

  @Override
  public String id() {
    return PodPlugin.ID;
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString stored) {
    var binding = Binding.parse(stored);
    if (binding.cluster().isPresent()) {
      var cluster = binding.cluster().get();
      return byId.containsKey(cluster)
          ? handle(cluster, task, binding.state())
          : CompletableFuture.completedFuture(notConfigured(cluster));
    }
    if (!clusters.areSeveral()) {
      return handle(TargetClusters.DEFAULT, task, ByteString.EMPTY);
    }
    return CompletableFuture.completedFuture(
        chosen(task).map(this::bind).orElseGet(() -> noCluster(task.clusterPool())));
  }

  private Optional<String> chosen(TaskContext task) {
    return clusters
        .choose(task.execution(), task.executionClusterLabel(), task.clusterPool())
        .map(TargetCluster::id);
  }

  /** The engine makes the next call, which creates the pod, when it has recorded the cluster. */
  private TaskTransition bind(String cluster) {
    return waiting(
        Binding.bytes(cluster, ByteString.EMPTY),
        "the task goes to the cluster " + cluster,
        new LookAgain.At(clock.instant()));
  }

  private CompletionStage<TaskTransition> handle(
      String cluster, TaskContext task, ByteString state) {
    var handled = plugin(cluster).handle(task, state);
    return clusters.areSeveral()
        ? handled.thenApply(transition -> bound(cluster, transition))
        : handled;
  }

  private static TaskTransition bound(String cluster, TaskTransition transition) {
    return switch (transition) {
      case TaskTransition.Running running ->
          new TaskTransition.Running(
              running.phase(),
              running.version(),
              Binding.bytes(cluster, running.state()),
              running.phase() == TaskPhase.WAITING_FOR_RESOURCES
                  ? inCluster(cluster, running.info())
                  : running.info(),
              running.lookAgain());
      case TaskTransition.Succeeded _, TaskTransition.Failed _ -> transition;
    };
  }

  private static TaskInfo inCluster(String cluster, TaskInfo info) {
    return new TaskInfo(
        info.logs(),
        info.reason().map(reason -> "cluster %s: %s".formatted(cluster, reason)),
        info.customInfo());
  }

  private PodPlugin plugin(String cluster) {
    return Objects.requireNonNull(byId.get(cluster));
  }

  private static TaskTransition noCluster(String pool) {
    return waiting(
        ByteString.EMPTY,
        "no cluster takes tasks of the pool '%s' (%s.clusters.ID.pools)"
            .formatted(pool, PodSettings.SECTION),
        new LookAgain.After(NO_CLUSTER_PAUSE));
  }

  private static TaskTransition waiting(ByteString state, String reason, LookAgain again) {
    return new TaskTransition.Running(
        TaskPhase.WAITING_FOR_RESOURCES,
        0,
        state,
        new TaskInfo(List.of(), Optional.of(reason), Optional.empty()),
        again);
  }

  private static TaskTransition notConfigured(String cluster) {
    return new TaskTransition.Failed(
        ExecutionError.system(
            "ClusterNotConfigured",
            ("the task was given to the cluster '%s', which %s.clusters no longer names; its pod, if it has one, stays there."
                    + " A cluster that is to be removed needs the weight 0 until its tasks have ended")
                .formatted(cluster, PodSettings.SECTION)),
        true,
        TaskInfo.NONE);
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString stored) {
    var binding = Binding.parse(stored);
    return responsible(task, binding)
        .map(plugin -> plugin.abort(task, binding.state()))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString stored) {
    var binding = Binding.parse(stored);
    return responsible(task, binding)
        .map(plugin -> plugin.finish(task, binding.state()))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /** The plugin that may have made a pod for an attempt; empty when none can have. */
  private Optional<PodPlugin> responsible(TaskContext task, Binding binding) {
    var cluster =
        clusters.areSeveral()
            ? binding.cluster()
            : Optional.of(binding.cluster().orElse(TargetClusters.DEFAULT));
    cluster
        .filter(id -> !byId.containsKey(id))
        .ifPresent(id ->
            LOG.warn(
                "a pod of {} may be left in the cluster '{}', which {}.clusters no longer names: delete it there",
                task.generatedName(),
                id,
                PodSettings.SECTION));
    return cluster.map(byId::get);
  }

  @Override
  public CompletionStage<Void> forget(ExecutionId execution) {
    return CompletableFuture.allOf(
        byId.values().stream()
            .map(plugin -> plugin.forget(execution).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  @Override
  public void close() {
    byId.values().forEach(PodPlugin::close);
  }
}
