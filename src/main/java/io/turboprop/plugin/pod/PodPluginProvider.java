package io.turboprop.plugin.pod;

import com.typesafe.config.Config;
import io.kubernetes.client.openapi.models.V1Pod;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.RequestMeters;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskPluginProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;

/** Makes the plugin {@code pod}: tasks as pods of Kubernetes clusters. */
public final class PodPluginProvider implements TaskPluginProvider {
  @Override
  public String id() {
    return PodPlugin.ID;
  }

  /** None: local processes take tasks unless {@code turboprop.tasks} names this plugin. */
  @Override
  public List<String> taskTypes() {
    return List.of();
  }

  @Override
  public boolean isBoundToMachine() {
    return false;
  }

  @Override
  public TaskPlugin create(Config config, TaskPluginEnvironment environment) {
    try {
      return create(TargetClusters.from(config), environment);
    } catch (IOException e) {
      throw new UncheckedIOException("pods have no cluster: " + e.getMessage(), e);
    }
  }

  static MultiClusterPodPlugin create(TargetClusters clusters, TaskPluginEnvironment engine)
      throws IOException {
    var byId = new LinkedHashMap<String, PodPlugin>();
    try {
      for (var cluster : clusters.all()) {
        byId.put(cluster.id(), create(cluster.id(), cluster.settings(), engine));
      }
    } catch (IOException e) {
      byId.values().forEach(PodPlugin::close);
      throw e;
    }
    return new MultiClusterPodPlugin(clusters, byId, engine.clock());
  }

  /**
   * The plugin for one cluster.
   *
   * @param cluster the name of the cluster in metrics
   */
  static PodPlugin create(String cluster, PodSettings settings, TaskPluginEnvironment engine)
      throws IOException {
    var variables = System.getenv();
    var meters = new RequestMeters(engine.metrics(), cluster);
    var client = new KubernetesClient(settings.cluster().access(), variables, meters);
    var namespaces =
        new Namespaces(client, settings, engine.records()::clusterResources, engine.clock());
    var pods = new KubernetesPods(client, settings, namespaces);
    var informer = new PodInformer(pods, settings.watching(), engine.clock());
    var backOff = new CreationBackOff(settings.backOff(), engine.clock());
    var templates = new CachedPodTemplates(pods, settings.baseTemplate().resync());
    var sweeper =
        new PodSweeper(
            informer, pods, settings.ending(), engine.records()::hasEnded, engine.clock());
    PodMeters.show(engine.metrics(), cluster, informer, backOff);
    // The models of Kubernetes' client take a second to load, which no task should wait for.
    Thread.startVirtualThread(() -> KubernetesJson.of(new V1Pod()));
    informer.start();
    sweeper.start();
    return new PodPlugin(
        settings,
        new PodBuilder(
            settings,
            templates,
            engine.records(),
            engine.endpoint(),
            engine.store().base(),
            engine.storeVariables(),
            variables),
        pods,
        informer,
        backOff,
        engine.clock(),
        () -> {
          sweeper.close();
          informer.close();
          pods.close();
        });
  }
}
