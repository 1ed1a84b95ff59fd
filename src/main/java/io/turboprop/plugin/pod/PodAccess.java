package io.turboprop.plugin.pod;

import com.typesafe.config.Config;
import io.turboprop.kubernetes.client.ApiResources.Kind;
import io.turboprop.kubernetes.client.ClusterAccess;
import io.turboprop.kubernetes.client.Permission;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The access that tasks as pods need to a cluster.
 *
 * @param id the name of the cluster in the settings
 * @param cluster the cluster in which pods run
 * @param permissions the permissions that the engine's account needs there, besides those for
 *     {@code applied}
 * @param applied the kinds of objects that the engine creates and updates there
 */
public record PodAccess(
    String id, ClusterAccess cluster, List<Permission> permissions, List<Kind> applied) {

  /**
   * Reads the settings.
   *
   * @param turboprop the section {@code turboprop}, resolved
   * @return one for each cluster; empty when no tasks are pods
   */
  public static List<PodAccess> of(Config turboprop) {
    var chosen = turboprop.getConfig("tasks.plugins").root().unwrapped().values();
    if (!chosen.contains(PodPlugin.ID)
        && !turboprop.getString("tasks.default-plugin").equals(PodPlugin.ID)) {
      return List.of();
    }
    return TargetClusters.from(turboprop.getConfig("plugins.pod")).all().stream()
        .map(cluster -> of(cluster.id(), cluster.settings()))
        .toList();
  }

  private static PodAccess of(String id, PodSettings settings) {
    var permissions = new ArrayList<Permission>();
    Stream.of("create", "delete", "get", "list", "patch", "watch")
        .forEach(verb -> permissions.add(new Permission(verb, "", "pods", "")));
    if (!settings.baseTemplate().name().isEmpty()) {
      permissions.add(new Permission("get", "", "podtemplates", ""));
    }
    var namespaces = settings.cluster().namespaces();
    if (namespaces.enabled()) {
      permissions.add(new Permission("create", "", "namespaces", ""));
    }
    return new PodAccess(
        id,
        settings.cluster().access(),
        List.copyOf(permissions),
        namespaces.templates().all().stream()
            .map(NamespaceTemplates.Template::kind)
            .distinct()
            .toList());
  }
}
