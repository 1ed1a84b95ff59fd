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
 * Appends variables to a container's own (tasks §2.3): Flyte's, then the execution's, then the
 * installation's. Kubernetes takes the last of several variables with one name.
 *
 * @param apiEndpoint {@code http://host:port} of the API for tasks
 * @param engine the variables of the engine's process
 */
record PodVariables(
    PodSettings.Variables settings,
    String apiEndpoint,
    String consoleUrl,
    Map<String, String> engine) {
  private static final String PLATFORM = "FLYTE_PLATFORM_URL";

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

  /** The address of the API, for tasks that call it; a task may name another. */
  private void addPlatform(V1Container container) {
    if (container.getEnv().stream().anyMatch(own -> own.getName().equals(PLATFORM))) {
      return;
    }
    var endpoint = URI.create(apiEndpoint);
    var insecure = Boolean.toString("http".equals(endpoint.getScheme()));
    container.addEnvItem(new V1EnvVar().name(PLATFORM).value(endpoint.getAuthority()));
    container.addEnvItem(new V1EnvVar().name("FLYTE_PLATFORM_INSECURE").value(insecure));
  }

  /** A later value takes the later place too. */
  private static void put(Map<String, String> variables, String name, String value) {
    variables.remove(name);
    variables.put(name, value);
  }
}
