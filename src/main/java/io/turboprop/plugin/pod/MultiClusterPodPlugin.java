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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each attempt to one of several clusters, each of which has a {@link PodPlugin} of its own.
 *
 * <p>The first answer of an attempt binds it to its cluster: the state of the attempt holds the
 * cluster's id, so neither a crash nor changed settings send it elsewhere, and an attempt of a
 * cluster that is away waits for it. An attempt whose first answer was lost in a crash finds its
 * pod by its name in any cluster that has listed its pods.
 */
final class MultiClusterPodPlugin implements TaskPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(MultiClusterPodPlugin.class);

  private static final Duration FIRST_LISTS_PAUSE = Duration.ofMillis(200);
  private static final Duration NO_CLUSTER_PAUSE = Duration.ofSeconds(10);

  private final TargetClusters clusters;
  private final Map<String, PodPlugin> byId;
  private final Clock clock;

  /** New attempts wait until then for clusters that have not listed their pods. */
  private final Instant listedUntil;

  /**
   * @param byId the plugin of each cluster, by its id
   */
  MultiClusterPodPlugin(TargetClusters clusters, Map<String, PodPlugin> byId, Clock clock) {
    this.clusters = clusters;
    this.byId = Map.copyOf(byId);
    this.clock = clock;
    this.listedUntil = clock.instant().plus(clusters.requestTimeout());
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
    var silent = clustersNotListed();
    if (!silent.isEmpty() && clock.instant().isBefore(listedUntil)) {
      return waiting("the pods of " + silent + " are not known yet", FIRST_LISTS_PAUSE);
    }
    return clusterOfNew(task)
        .map(cluster -> handle(cluster, task, ByteString.EMPTY))
        .orElseGet(() -> noCluster(task.clusterPool()));
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

  /** The clusters whose pods were never listed, as text; empty when there is none. */
  private String clustersNotListed() {
    if (!clusters.areSeveral()) {
      return "";
    }
    return clusters.all().stream()
        .map(TargetCluster::id)
        .filter(id -> !plugin(id).hasListed())
        .map(id -> "the cluster " + id)
        .collect(Collectors.joining(" and "));
  }

  /** The cluster that has the attempt's pod, else the one that is chosen for its execution. */
  private Optional<String> clusterOfNew(TaskContext task) {
    if (!clusters.areSeveral()) {
      return Optional.of(TargetClusters.DEFAULT);
    }
    return clusters.all().stream()
        .map(TargetCluster::id)
        .filter(id -> plugin(id).knows(task))
        .findFirst()
        .or(() ->
            clusters
                .choose(task.execution(), task.executionClusterLabel(), task.clusterPool())
                .map(TargetCluster::id));
  }

  private PodPlugin plugin(String cluster) {
    return Objects.requireNonNull(byId.get(cluster));
  }

  private static CompletionStage<TaskTransition> noCluster(String pool) {
    return waiting(
        "no cluster takes tasks of the pool '%s' (%s.clusters.ID.pools)"
            .formatted(pool, PodSettings.SECTION),
        NO_CLUSTER_PAUSE);
  }

  private static CompletionStage<TaskTransition> waiting(String reason, Duration again) {
    return CompletableFuture.completedFuture(
        new TaskTransition.Running(
            TaskPhase.WAITING_FOR_RESOURCES,
            0,
            ByteString.EMPTY,
            new TaskInfo(List.of(), Optional.of(reason), Optional.empty()),
            new LookAgain.After(again)));
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
    var cluster = binding.cluster().or(() -> clusterOfNew(task));
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
