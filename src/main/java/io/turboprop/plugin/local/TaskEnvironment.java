package io.turboprop.plugin.local;

import flyteidl.core.Security.Secret;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.FlyteVariables;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The environment variables of a task: a small base instead of the engine's own, then the task's,
 * Flyte's, the execution's, the installation's, and the secrets that the task asks for. Later ones
 * win.
 */
final class TaskEnvironment {
  /**
   * The variable that names the attempt of every program of a task, by the attempt's directory
   * name.
   */
  static final String ATTEMPT = "TURBOPROP_ATTEMPT";

  private static final String SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

  private final LocalSettings settings;
  private final URI endpoint;
  private final Map<String, String> store;
  private final Map<String, String> own;

  /**
   * @param endpoint the API's endpoint for tasks that call Flyte
   * @param store the variables by which tasks reach the blob store
   * @param own the engine's own variables; tasks get only PATH, {@code _FSEC_…} and those in {@code
   *     environment-from} of them
   */
  TaskEnvironment(
      LocalSettings settings, String endpoint, Map<String, String> store, Map<String, String> own) {
    this.settings = settings;
    this.endpoint = URI.create(endpoint);
    this.store = Map.copyOf(store);
    this.own = Map.copyOf(own);
  }

  /** All variables of an attempt. */
  Map<String, String> of(
      TaskContext task,
      ContainerSpec container,
      WorkDirectory directory,
      Optional<PythonEnvironment> python) {
    var variables = base(directory, python);
    variables.putAll(container.environment());
    variables.putAll(FlyteVariables.of(task, consoleUrl()));
    variables.putAll(task.environment());
    variables.putAll(settings.environment());
    settings.environmentFrom().stream()
        .filter(own::containsKey)
        .forEach(name -> variables.put(name, own.getOrDefault(name, "")));
    task.template().getSecurityContext().getSecretsList().forEach(s -> addSecret(variables, s));
    variables.put(ATTEMPT, directory.root().toString());
    return variables;
  }

  private String consoleUrl() {
    return settings.consoleUrl().isEmpty() ? endpoint + "/console" : settings.consoleUrl();
  }

  /** The variables that every process needs, including a warm worker. */
  Map<String, String> base(WorkDirectory directory, Optional<PythonEnvironment> python) {
    var variables = new LinkedHashMap<String, String>();
    var path = own.getOrDefault("PATH", SYSTEM_PATH);
    variables.put("PATH", python.map(p -> p.commands() + ":" + path).orElse(path));
    // The task has its own home folder, because flytekit would otherwise read the configuration of
    // the engine's user.
    variables.put("HOME", directory.root().toString());
    variables.put("TMPDIR", directory.temporary().toString());
    variables.put("LANG", "C.UTF-8");
    variables.put("PYTHONUNBUFFERED", "1");
    variables.putAll(store);
    if (!settings.pythonPath().isEmpty()) {
      variables.put("PYTHONPATH", String.join(":", settings.pythonPath()));
    }
    variables.put("FLYTE_PLATFORM_URL", endpoint.getAuthority());
    variables.put("FLYTE_PLATFORM_INSECURE", Boolean.toString("http".equals(endpoint.getScheme())));
    return variables;
  }

  /** A missing secret is left out; the task fails with its own error when it needs the secret. */
  private void addSecret(Map<String, String> variables, Secret secret) {
    variables.put(FlyteVariables.SECRETS_PREFIX_NAME, FlyteVariables.SECRETS_PREFIX);
    var withVersion =
        FlyteVariables.secret(secret.getGroup(), secret.getGroupVersion(), secret.getKey());
    var plain = FlyteVariables.secret(secret.getGroup(), secret.getKey());
    var value = secretValue(withVersion).or(() -> secretValue(plain));
    value.ifPresent(text -> {
      variables.put(withVersion, text);
      variables.put(plain, text);
      if (!secret.getEnvVar().isEmpty()) {
        variables.put(secret.getEnvVar(), text);
      }
    });
  }

  private Optional<String> secretValue(String name) {
    return Optional.ofNullable(settings.secrets().get(name))
        .or(() -> Optional.ofNullable(own.get(name)));
  }
}
