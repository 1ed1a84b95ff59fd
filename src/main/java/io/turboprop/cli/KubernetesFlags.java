package io.turboprop.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of an engine whose tasks are pods of a Kubernetes cluster. */
final class KubernetesFlags {
  /** A flag without a file: the kubeconfig is where kubectl finds it. */
  private static final String AS_KUBECTL = "";

  private static final String POD = "turboprop.plugins.pod.";
  private static final String RESOURCES = "turboprop.kubernetes.";
  private static final List<String> TASK_TYPES =
      List.of("container", "python-task", "raw-container", "sidecar");

  @Option(
      names = "--kubernetes",
      paramLabel = "KUBECONFIG",
      arity = "0..1",
      fallbackValue = AS_KUBECTL,
      description = {
        "Runs tasks as pods of the cluster of this file, else of KUBECONFIG, else of",
        "~/.kube/config, and the FlyteWorkflow resources of that cluster. The tasks' images and",
        "the blob store have to be in reach of the pods."
      })
  private @Nullable String kubeconfig;

  @Option(
      names = "--namespace",
      paramLabel = "TEMPLATE",
      description = {
        "The namespace of the pods of an execution, created when it is missing; with",
        "--kubernetes. Default: '{{ project }}-{{ domain }}'."
      })
  private @Nullable String namespace;

  @Option(
      names = "--store",
      paramLabel = "URI",
      description = {
        "Where blobs are, as s3://BUCKET/PREFIX; a folder of this machine is none for pods.",
        "AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY serve tasks too."
      })
  private @Nullable String store;

  /** The settings that these flags stand for. */
  Map<String, Object> settings() {
    var settings = new HashMap<String, Object>();
    if (store != null) {
      settings.put("turboprop.data.base", store);
    }
    if (kubeconfig != null) {
      TASK_TYPES.forEach(type -> settings.put("turboprop.tasks.plugins." + type, "pod"));
      settings.put("turboprop.tasks.default-plugin", "pod");
      settings.put(POD + "create-namespaces", true);
      settings.put(RESOURCES + "enabled", true);
      settings.put(RESOURCES + "create-flyteworkflow-crd", true);
      if (!kubeconfig.equals(AS_KUBECTL)) {
        var file = Path.of(kubeconfig).toAbsolutePath().toString();
        settings.put(POD + "kubeconfig", file);
        settings.put(RESOURCES + "kubeconfig", file);
      }
      if (namespace != null) {
        settings.put(POD + "namespace", namespace);
      }
    }
    return settings;
  }

  /**
   * The settings that the environment stands for, where the user has set nothing: the tools of AWS
   * read the same variables.
   *
   * @param environment the variables of this process
   */
  Map<String, Object> guesses(Map<String, String> environment) {
    var guesses = new HashMap<String, Object>();
    if (store != null && store.startsWith("s3://")) {
      put(guesses, "turboprop.data.s3.endpoint", environment.get("AWS_ENDPOINT_URL"));
      put(guesses, "turboprop.data.s3.access-key-id", environment.get("AWS_ACCESS_KEY_ID"));
      put(guesses, "turboprop.data.s3.secret-access-key", environment.get("AWS_SECRET_ACCESS_KEY"));
    }
    return guesses;
  }

  private static void put(Map<String, Object> guesses, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      guesses.put(name, value);
    }
  }

  /** The problem of these flags, for the user; empty when there is none. */
  String problem() {
    return namespace != null && kubeconfig == null
        ? "--namespace is of use with --kubernetes only"
        : "";
  }
}
