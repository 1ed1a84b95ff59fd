package io.turboprop.plugin.pod;

import io.kubernetes.client.openapi.models.V1ConfigMapEnvSource;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1SecretEnvSource;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.FlyteVariables;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Appends variables to a container's own: Flyte's, then the execution's, then the installation's.
 * Kubernetes takes the last of several variables with one name.
 *
 * @param apiEndpoint {@code http://host:port} of the API for tasks
 * @param store the variables by which tasks reach the blob store
 * @param engine the variables of the engine's process
 */
record PodVariables(
    PodSettings.Variables settings,
    String apiEndpoint,
    String consoleUrl,
    Map<String, String> store,
    Map<String, String> engine) {

  void addTo(V1Container container, TaskContext task) {
    addPlatform(container);
    var variables = new LinkedHashMap<String, String>();
    FlyteVariables.of(task, consoleUrl).forEach((name, value) -> put(variables, name, value));
    new TreeMap<>(task.environment()).forEach((name, value) -> put(variables, name, value));
    settings.values().forEach((name, value) -> put(variables, name, value));
    settings
        .fromEngine()
        .forEach((name, from) -> {
          var value = engine.get(from);
          if (value != null) {
            put(variables, name, value);
          }
        });
    variables.forEach(
        (name, value) -> container.addEnvItem(new V1EnvVar().name(name).value(value)));
    for (var name : settings.fromSecrets()) {
      container.addEnvFromItem(
          new V1EnvFromSource().secretRef(new V1SecretEnvSource().name(name).optional(true)));
    }
    for (var name : settings.fromConfigMaps()) {
      container.addEnvFromItem(
          new V1EnvFromSource().configMapRef(new V1ConfigMapEnvSource().name(name).optional(true)));
    }
  }

  /** The API and the store as tasks reach them; a task may say otherwise. */
  private void addPlatform(V1Container container) {
    var endpoint = URI.create(apiEndpoint);
    var platform = new TreeMap<>(store);
    platform.put("FLYTE_PLATFORM_URL", endpoint.getAuthority());
    platform.put("FLYTE_PLATFORM_INSECURE", Boolean.toString("http".equals(endpoint.getScheme())));
    container.getEnv().forEach(own -> platform.remove(own.getName()));
    platform.forEach((name, value) -> container.addEnvItem(new V1EnvVar().name(name).value(value)));
  }

  /** A later value takes the later place too. */
  private static void put(Map<String, String> variables, String name, String value) {
    variables.remove(name);
    variables.put(name, value);
  }
}
