package io.turboprop.kubernetes;

import com.typesafe.config.Config;
import io.turboprop.kubernetes.client.ClusterAccess;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.Permission;
import io.turboprop.kubernetes.client.WatchSettings;
import io.turboprop.setting.Section;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The section {@code turboprop.kubernetes}.
 *
 * @param enabled whether resources are watched at all
 * @param namespace whose resources are watched; empty for all
 * @param selector the label selector of the watched resources
 * @param createDefinition whether the kind of resource is made known to a cluster that lacks it
 * @param acceptedAtOnce how many resources are read and accepted at once
 * @param runningMax how many executions of resources may run at once; 0 is unlimited
 */
public record ResourceSettings(
    boolean enabled,
    ClusterAccess access,
    WatchSettings watching,
    String namespace,
    String selector,
    boolean createDefinition,
    int acceptedAtOnce,
    int runningMax,
    Status status,
    Collection collection) {
  private static final Set<String> ALL = Set.of("", "all", "all-namespaces");
  private static final int TTL_HOURS_MAX = 23;

  /** The label of resources that have ended, and its value. */
  static final String TERMINATION = "termination-status";

  static final String TERMINATED = "terminated";

  /**
   * How the status is written.
   *
   * @param interval between two writes for one execution
   * @param documentBytesMax the limit of the whole resource
   * @param nodesMax how many nodes a status shows
   */
  public record Status(Duration interval, int writtenAtOnce, int documentBytesMax, int nodesMax) {}

  /**
   * When resources that have ended are deleted.
   *
   * @param ttlHours 0 for never
   */
  public record Collection(Duration interval, int ttlHours) {}

  /** Reads the section {@code kubernetes} of the section {@code turboprop}. */
  public static ResourceSettings from(Config turboprop) {
    var section = Section.of(turboprop, "kubernetes");
    var config = section.config();
    var namespace = config.getString("limit-namespace");
    return new ResourceSettings(
        config.getBoolean("enabled"),
        new ClusterAccess(
            section.path(),
            config.getString("kubeconfig"),
            config.getString("context"),
            new ClusterAccess.Bounds(
                section.pause("request-timeout"),
                section.number("requests-at-once", 1),
                section.number("requests-per-second", 1),
                section.number("requests-burst", 1))),
        new WatchSettings(
            section.number("page-size", 1),
            section.pause("list-again-after"),
            section.backOff("retry-after", "retry-after-max")),
        ALL.contains(namespace.toLowerCase(Locale.ROOT)) ? "" : namespace,
        selector(config),
        config.getBoolean("create-flyteworkflow-crd"),
        section.number("accepted-at-once", 1),
        section.number("running-max", 0),
        new Status(
            section.pause("status-interval"),
            section.number("status-written-at-once", 1),
            section.bytes("resource-max", 64 * 1024),
            section.number("status-nodes-max", 1)),
        new Collection(
            section.pause("gc-interval"),
            Math.min(section.number("max-ttl-hours", 0), TTL_HOURS_MAX)));
  }

  private static String selector(Config config) {
    var parts = new ArrayList<String>();
    parts.add("%s notin (%s)".formatted(TERMINATION, TERMINATED));
    for (var label : List.of("shard-key", "project", "domain")) {
      add(parts, label, "in", config.getStringList("include-" + label + "-label"));
      add(parts, label, "notin", config.getStringList("exclude-" + label + "-label"));
    }
    return String.join(",", parts);
  }

  private static void add(List<String> parts, String label, String how, List<String> values) {
    if (!values.isEmpty()) {
      parts.add("%s %s (%s)".formatted(label, how, String.join(",", values)));
    }
  }

  /** All that the account of the engine needs at the API of the cluster. */
  public List<Permission> permissions() {
    var permissions = new ArrayList<Permission>();
    for (var verb : List.of("deletecollection", "get", "list", "patch", "watch")) {
      permissions.add(new Permission(verb, FlyteWorkflows.GROUP, FlyteWorkflows.PLURAL, namespace));
    }
    for (var verb : List.of("delete", "list", "patch")) {
      permissions.add(new Permission(verb, "", "pods", namespace));
    }
    if (namespace.isEmpty()) {
      permissions.add(new Permission("list", "", "namespaces", ""));
    }
    if (createDefinition) {
      permissions.add(
          new Permission("create", "apiextensions.k8s.io", "customresourcedefinitions", ""));
    }
    return List.copyOf(permissions);
  }

  /** Whether the cluster knows the kind of resource. */
  public boolean isDefined(KubernetesClient client) throws IOException {
    return new FlyteWorkflows(client, this).isDefined();
  }

  /**
   * The part of the selector that says whose resources these are, whether they have ended or not.
   */
  String selectorOfOwn() {
    var comma = selector.indexOf(",", selector.indexOf(')'));
    return comma < 0 ? "" : selector.substring(comma);
  }
}
