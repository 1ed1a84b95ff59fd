package io.turboprop.plugin.pod;

import com.google.protobuf.TextFormat;
import flyteidl.core.Security.Secret;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1EnvVarSource;
import io.kubernetes.client.openapi.models.V1KeyToPath;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1SecretKeySelector;
import io.kubernetes.client.openapi.models.V1SecretVolumeSource;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.turboprop.data.Naming;
import io.turboprop.plugin.container.FlyteVariables;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The secrets that a task asks for ({@code SecurityContext.secrets}), in the form that Flyte's
 * webhook for pods reads.
 */
final class PodSecrets {
  private static final String WEBHOOK_LABEL = "inject-flyte-secrets";
  private static final String WEBHOOK_ANNOTATION = "flyte.secrets/s";
  private static final String FOLDER = "/etc/flyte/secrets";

  private PodSecrets() {}

  /** The label by which Flyte's webhook selects pods. */
  static Map<String, String> labels(List<Secret> secrets) {
    return secrets.isEmpty() ? Map.of() : Map.of(WEBHOOK_LABEL, "true");
  }

  /** The annotations from which Flyte's webhook reads the secrets. */
  static Map<String, String> annotations(List<Secret> secrets) {
    var annotations = new TreeMap<String, String>();
    for (int i = 0; i < secrets.size(); i++) {
      var text = TextFormat.printer().printToString(secrets.get(i));
      annotations.put(WEBHOOK_ANNOTATION + i, Naming.base32(text.getBytes(StandardCharsets.UTF_8)));
    }
    return annotations;
  }

  /**
   * Gives a pod's containers their secrets without the webhook: each from the Kubernetes Secret
   * that is named as its group. A secret that does not exist is left out; the task fails with its
   * own error when it needs it.
   */
  static void inject(V1PodSpec pod, List<Secret> secrets) {
    for (int i = 0; i < secrets.size(); i++) {
      var secret = secrets.get(i);
      switch (secret.getMountRequirement()) {
        case ENV_VAR -> pod.getContainers().forEach(container -> addVariable(container, secret));
        case ANY, FILE, UNRECOGNIZED -> addFile(pod, "flyte-secret-" + i, secret);
      }
    }
  }

  private static void addVariable(V1Container container, Secret secret) {
    set(container, FlyteVariables.SECRETS_PREFIX_NAME, FlyteVariables.SECRETS_PREFIX);
    var name = FlyteVariables.secret(secret.getGroup(), secret.getKey());
    container.addEnvItem(fromSecret(name, secret));
    if (!secret.getEnvVar().isEmpty()) {
      container.addEnvItem(fromSecret(secret.getEnvVar(), secret));
    }
  }

  private static V1EnvVar fromSecret(String name, Secret secret) {
    return new V1EnvVar()
        .name(name)
        .valueFrom(
            new V1EnvVarSource()
                .secretKeyRef(
                    new V1SecretKeySelector()
                        .name(secret.getGroup())
                        .key(secret.getKey())
                        .optional(true)));
  }

  private static void addFile(V1PodSpec pod, String volume, Secret secret) {
    var folder = FOLDER + "/" + secret.getGroup().toLowerCase(Locale.ROOT);
    var file = secret.getKey().toLowerCase(Locale.ROOT);
    pod.addVolumesItem(
        new V1Volume()
            .name(volume)
            .secret(
                new V1SecretVolumeSource()
                    .secretName(secret.getGroup())
                    .addItemsItem(new V1KeyToPath().key(secret.getKey()).path(file))
                    .optional(true)));
    for (var container : pod.getContainers()) {
      // The file alone is mounted, so that several secrets of one group share its folder.
      container.addVolumeMountsItem(
          new V1VolumeMount()
              .name(volume)
              .mountPath(folder + "/" + file)
              .subPath(file)
              .readOnly(true));
      set(container, "FLYTE_SECRETS_DEFAULT_DIR", FOLDER);
      set(container, "FLYTE_SECRETS_FILE_PREFIX", "");
      if (!secret.getEnvVar().isEmpty()) {
        container.addEnvItem(new V1EnvVar().name(secret.getEnvVar()).value(folder + "/" + file));
      }
    }
  }

  private static void set(V1Container container, String name, String value) {
    if (container.getEnv().stream().noneMatch(variable -> variable.getName().equals(name))) {
      container.addEnvItem(new V1EnvVar().name(name).value(value));
    }
  }
}
