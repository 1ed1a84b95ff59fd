package io.turboprop.plugin.pod;

import com.google.gson.JsonParser;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Affinity;
import io.kubernetes.client.openapi.models.V1NodeSelectorRequirement;
import io.kubernetes.client.openapi.models.V1PodDNSConfig;
import io.kubernetes.client.openapi.models.V1PodSecurityContext;
import io.kubernetes.client.openapi.models.V1SecurityContext;
import io.kubernetes.client.openapi.models.V1Toleration;
import io.turboprop.kubernetes.client.ClusterAccess;
import io.turboprop.kubernetes.client.WatchSettings;
import io.turboprop.setting.BackOff;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The settings of pods in one cluster: the section {@code turboprop.plugins.pod}, overridden by the
 * cluster's own entry there. Maps are sorted by key, so that the same task gives the same pod.
 *
 * @param apiEndpoint the address of the engine's API for tasks, {@code http://host:port}; if empty,
 *     the engine's own address
 * @param consoleUrl without a slash at its end; empty when there is no console
 */
record PodSettings(
    Cluster cluster,
    BackOff backOff,
    WatchSettings watching,
    Ending ending,
    String apiEndpoint,
    String consoleUrl,
    Metadata metadata,
    Variables variables,
    SecretSource secrets,
    Resources resources,
    Scheduling scheduling,
    Gpu gpu,
    Security security,
    String imagePullPolicy,
    BaseTemplate baseTemplate,
    Grace grace,
    CoPilot coPilot,
    Logs logs) {
  static final String SECTION = "turboprop.plugins.pod";

  /** The cluster in which pods run, their namespaces, and the name of this installation in it. */
  record Cluster(
      ClusterAccess access, String namespace, NamespaceCreation namespaces, String installation) {}

  /**
   * The creation of missing namespaces.
   *
   * @param values the values of the templates' variables
   * @param domainValues the values of a domain, which override {@code values}
   * @param applyAgainAfter the templates of a namespace are applied again after this time
   */
  record NamespaceCreation(
      boolean enabled,
      NamespaceTemplates templates,
      Map<String, String> values,
      Map<String, Map<String, String>> domainValues,
      Duration applyAgainAfter) {}

  /** The deletion of pods whose attempts have ended. */
  record Ending(boolean deleteAtOnce, Duration kept, Duration sweepInterval) {}

  /** The annotations and labels of every pod, and whether it has a finalizer. */
  record Metadata(
      Map<String, String> annotations, Map<String, String> labels, boolean injectFinalizer) {}

  /** The variables of every container of a task. */
  record Variables(
      Map<String, String> values,
      Map<String, String> fromEngine,
      List<String> fromConfigMaps,
      List<String> fromSecrets) {}

  /** The source of the secrets of pods. */
  enum SecretSource {
    WEBHOOK,
    KUBERNETES
  }

  /** The requests of containers that set none, and the limits of a container by resource. */
  record Resources(Quantity cpu, Quantity memory, Map<String, Quantity> limits) {}

  /** The nodes of the cluster on which pods may run. */
  record Scheduling(
      List<V1Toleration> tolerations,
      Map<String, List<V1Toleration>> resourceTolerations,
      Map<String, String> nodeSelector,
      Optional<V1Affinity> affinity,
      String schedulerName,
      List<V1Toleration> interruptibleTolerations,
      Map<String, String> interruptibleNodeSelector,
      Optional<V1NodeSelectorRequirement> interruptibleRequirement,
      Optional<V1NodeSelectorRequirement> nonInterruptibleRequirement) {}

  /** The labels by which nodes of the cluster show their GPUs. */
  record Gpu(
      String resourceName,
      String deviceLabel,
      String partitionSizeLabel,
      Optional<V1NodeSelectorRequirement> unpartitionedRequirement,
      Optional<V1Toleration> unpartitionedToleration) {}

  /** Security and network of every pod; an empty value leaves the pod's own. */
  record Security(
      Optional<V1PodSecurityContext> pod,
      Optional<V1SecurityContext> container,
      Optional<V1PodDNSConfig> dns,
      Optional<Boolean> hostNetwork) {}

  /** The PodTemplate on which all pods are based; its name is empty when there is none. */
  record BaseTemplate(String name, String namespace, Duration resync) {}

  /**
   * How long a pod may stay in a waiting state before its attempt fails; for {@code pending}, zero
   * means without limit.
   */
  record Grace(
      Duration imagePull, Duration createContainer, Duration containerConfig, Duration pending) {}

  /**
   * The containers that carry data for raw containers. {@code storage} has flyte-copilot's flags by
   * name.
   */
  record CoPilot(
      String name,
      String image,
      String inputPath,
      String outputPath,
      String inputVolume,
      String outputVolume,
      Quantity cpu,
      Quantity memory,
      Duration timeout,
      Map<String, String> storage) {}

  /** Templates of the addresses of logs; {@code dynamic} has the templates by link type. */
  record Logs(List<LogLink> links, Map<String, LogLink> dynamic) {}

  /** One kind of log link. */
  record LogLink(String displayName, List<String> uris) {}

  /**
   * Reads the section.
   *
   * @throws ConfigException when a value is not what the setting needs
   */
  static PodSettings from(Config config) {
    return from(config, SECTION);
  }

  /**
   * Reads the settings of a cluster.
   *
   * @param config the cluster's entry, with the section of all clusters as its fallback
   * @param path the path of the entry, for messages
   * @throws ConfigException when a value is not what the setting needs
   */
  static PodSettings from(Config config, String path) {
    return new PodSettingsReader(config, path).read();
  }

  /** Reads settings; errors name the setting. */
  private record PodSettingsReader(Config config, String path) {
    PodSettings read() {
      return new PodSettings(
          new Cluster(
              new ClusterAccess(
                  path,
                  text("kubeconfig"),
                  text("context"),
                  new ClusterAccess.Bounds(
                      positive("request-timeout"),
                      atLeastOne("requests-at-once"),
                      atLeastOne("requests-per-second"),
                      atLeastOne("requests-burst"))),
              text("namespace"),
              namespaceCreation(),
              text("installation")),
          new BackOff(config.getDuration("back-off.base"), positive("back-off.max")),
          new WatchSettings(
              atLeastOne("page-size"),
              positive("list-again-after"),
              new BackOff(positive("retry-after"), positive("retry-after-max"))),
          new Ending(
              config.getBoolean("delete-resource-on-finalize"),
              config.getDuration("ended-pods-kept"),
              positive("sweep-interval")),
          urlOrEmpty("api-endpoint"),
          text("console-url"),
          new Metadata(
              strings("default-annotations"),
              strings("default-labels"),
              config.getBoolean("inject-finalizer")),
          new Variables(
              strings("default-env-vars"),
              strings("default-env-vars-from-env"),
              config.getStringList("default-env-from-configmaps"),
              config.getStringList("default-env-from-secrets")),
          secretSource(),
          resources(),
          scheduling(),
          new Gpu(
              text("gpu-resource-name"),
              text("gpu-device-node-label"),
              text("gpu-partition-size-node-label"),
              object(
                  "gpu-unpartitioned-node-selector-requirement", V1NodeSelectorRequirement.class),
              object("gpu-unpartitioned-toleration", V1Toleration.class)),
          new Security(
              object("default-pod-security-context", V1PodSecurityContext.class),
              object("default-security-context", V1SecurityContext.class),
              object("default-pod-dns-config", V1PodDNSConfig.class),
              text("enable-host-networking-pod").isEmpty()
                  ? Optional.empty()
                  : Optional.of(config.getBoolean("enable-host-networking-pod"))),
          text("image-pull-policy"),
          new BaseTemplate(
              text("default-pod-template-name"),
              text("default-pod-template-namespace"),
              positive("default-pod-template-resync")),
          new Grace(
              config.getDuration("image-pull-backoff-grace-period"),
              config.getDuration("create-container-error-grace-period"),
              config.getDuration("create-container-config-error-grace-period"),
              config.getDuration("pod-pending-timeout")),
          coPilot(),
          logs());
    }

    private NamespaceCreation namespaceCreation() {
      var byDomain = new TreeMap<String, Map<String, String>>();
      for (var domain : config.getObject("namespace-templates.domain-values").keySet()) {
        byDomain.put(domain, strings("namespace-templates.domain-values.\"" + domain + "\""));
      }
      return new NamespaceCreation(
          config.getBoolean("create-namespaces"),
          namespaceTemplates(),
          strings("namespace-templates.values"),
          byDomain,
          positive("namespace-templates.apply-again-after"));
    }

    private NamespaceTemplates namespaceTemplates() {
      var key = "namespace-templates.folder";
      if (text(key).isEmpty()) {
        return NamespaceTemplates.NONE;
      }
      if (!config.getBoolean("create-namespaces")) {
        throw bad(key, "templates are only applied where create-namespaces is true");
      }
      try {
        return NamespaceTemplates.read(Path.of(text(key)));
      } catch (NamespaceTemplates.BrokenTemplateException e) {
        throw bad(key, String.valueOf(e.getMessage()));
      } catch (IOException e) {
        throw bad(key, "the folder " + text(key) + " cannot be read (" + e + ")");
      }
    }

    private Resources resources() {
      var limits = new TreeMap<String, Quantity>();
      for (var limit : strings("limits").entrySet()) {
        if (!limit.getValue().isEmpty()) {
          var name = limit.getKey().equals("gpu") ? text("gpu-resource-name") : limit.getKey();
          limits.put(name, quantity("limits." + limit.getKey(), limit.getValue()));
        }
      }
      return new Resources(
          quantity("default-cpus", text("default-cpus")),
          quantity("default-memory", text("default-memory")),
          limits);
    }

    private Scheduling scheduling() {
      var byResource = new TreeMap<String, List<V1Toleration>>();
      config
          .getObject("resource-tolerations")
          .forEach((name, _) ->
              byResource.put(name, tolerations("resource-tolerations.\"" + name + "\"")));
      return new Scheduling(
          tolerations("default-tolerations"),
          byResource,
          strings("default-node-selector"),
          object("default-affinity", V1Affinity.class),
          text("scheduler-name"),
          tolerations("interruptible-tolerations"),
          strings("interruptible-node-selector"),
          object("interruptible-node-selector-requirement", V1NodeSelectorRequirement.class),
          object("non-interruptible-node-selector-requirement", V1NodeSelectorRequirement.class));
    }

    private CoPilot coPilot() {
      return new CoPilot(
          text("co-pilot.name"),
          text("co-pilot.image"),
          text("co-pilot.default-input-path"),
          text("co-pilot.default-output-path"),
          text("co-pilot.input-vol-name"),
          text("co-pilot.output-vol-name"),
          quantity("co-pilot.cpu", text("co-pilot.cpu")),
          quantity("co-pilot.memory", text("co-pilot.memory")),
          positive("co-pilot.timeout"),
          strings("co-pilot.storage"));
    }

    private Logs logs() {
      var links = new ArrayList<LogLink>();
      if (config.getBoolean("logs.kubernetes-enabled")) {
        links.add(new LogLink("Kubernetes Logs", List.of(text("logs.kubernetes-template-uri"))));
      }
      for (var template : config.getConfigList("logs.templates")) {
        links.add(
            new LogLink(
                template.getString("display-name"), template.getStringList("template-uris")));
      }
      var dynamic = new TreeMap<String, LogLink>();
      for (var type : config.getObject("logs.dynamic-log-links").keySet()) {
        var link = config.getConfig("logs.dynamic-log-links.\"" + type + "\"");
        dynamic.put(
            type,
            new LogLink(link.getString("display-name"), List.of(link.getString("template-uri"))));
      }
      return new Logs(List.copyOf(links), dynamic);
    }

    private SecretSource secretSource() {
      return switch (text("secrets").toLowerCase(Locale.ROOT)) {
        case "webhook" -> SecretSource.WEBHOOK;
        case "kubernetes" -> SecretSource.KUBERNETES;
        default -> throw bad("secrets", "it is neither webhook nor kubernetes");
      };
    }

    private String text(String key) {
      return config.getString(key);
    }

    private String urlOrEmpty(String key) {
      var value = text(key);
      if (!value.isEmpty()
          && !value.matches("https?://([^/:\\[\\]]+|\\[[0-9a-fA-F:]+\\])(:[0-9]{1,5})?/?")) {
        throw bad(key, "'" + value + "' is not of the form http://HOST:PORT");
      }
      return value;
    }

    private int atLeastOne(String key) {
      var value = config.getInt(key);
      if (value < 1) {
        throw bad(key, value + " is less than 1");
      }
      return value;
    }

    private Duration positive(String key) {
      var value = config.getDuration(key);
      if (!value.isPositive()) {
        throw bad(key, "it is not longer than zero");
      }
      return value;
    }

    private Quantity quantity(String key, String text) {
      try {
        return new Quantity(text);
      } catch (RuntimeException _) {
        throw bad(key, "'" + text + "' is not a quantity of Kubernetes, such as 500m or 2Gi");
      }
    }

    /** Reads an object of strings; its keys may contain dots. */
    private Map<String, String> strings(String key) {
      var strings = new TreeMap<String, String>();
      config
          .getObject(key)
          .unwrapped()
          .forEach((name, value) -> strings.put(name, String.valueOf(value)));
      return strings;
    }

    private List<V1Toleration> tolerations(String key) {
      return config.getList(key).stream()
          .map(value -> parse(key, value.render(ConfigRenderOptions.concise()), V1Toleration.class))
          .toList();
    }

    /** Reads an object of Kubernetes; empty when no field of it is set. */
    private <T> Optional<T> object(String key, Class<T> type) {
      var value = config.getObject(key);
      return value.isEmpty()
          ? Optional.empty()
          : Optional.of(parse(key, value.render(ConfigRenderOptions.concise()), type));
    }

    private <T> T parse(String key, String json, Class<T> type) {
      try {
        return KubernetesJson.read(JsonParser.parseString(json), type);
      } catch (IllegalArgumentException e) {
        throw bad(key, String.valueOf(e.getMessage()));
      }
    }

    private ConfigException bad(String key, String problem) {
      return new ConfigException.BadValue(config.getValue(key).origin(), path + "." + key, problem);
    }
  }
}
