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
import java.util.List;

/** Makes the plugin {@code pod}: tasks as pods of a Kubernetes cluster. */
public final class PodPluginProvider implements TaskPluginProvider {
  /** The name of the cluster in metrics. */
  private static final String CLUSTER = "default";

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
      return create(PodSettings.from(config), environment);
    } catch (IOException e) {
      throw new UncheckedIOException("pods have no cluster: " + e.getMessage(), e);
    }
  }

  static PodPlugin create(PodSettings settings, TaskPluginEnvironment engine) throws IOException {
    var variables = System.getenv();
    var meters = new RequestMeters(engine.metrics(), CLUSTER);
    var client = new KubernetesClient(settings.cluster().access(), variables, meters);
    var pods = new KubernetesPods(client, settings);
    var informer = new PodInformer(pods, settings.watching(), engine.clock());
    var backOff = new CreationBackOff(settings.backOff(), engine.clock());
    var templates = new CachedPodTemplates(pods, settings.baseTemplate().resync());
    var sweeper =
        new PodSweeper(informer, pods, settings.ending(), engine.hasEnded(), engine.clock());
    PodMeters.show(engine.metrics(), CLUSTER, informer, backOff);
    // The models of Kubernetes' client take a second to load, which no task should wait for.
    Thread.startVirtualThread(() -> KubernetesJson.of(new V1Pod()));
    informer.start();
    sweeper.start();
    return new PodPlugin(
        settings,
        new PodBuilder(
            settings,
            templates,
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
