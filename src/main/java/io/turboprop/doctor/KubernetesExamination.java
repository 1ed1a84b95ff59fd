package io.turboprop.doctor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.kubernetes.ResourceSettings;
import io.turboprop.kubernetes.client.ApiResources;
import io.turboprop.kubernetes.client.ClusterAccess;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.Permission;
import io.turboprop.kubernetes.client.RequestMeters;
import io.turboprop.plugin.pod.PodAccess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the engine can use the clusters of its pods and of its FlyteWorkflow resources: access by
 * each verb, the kind of resource, the clocks.
 */
final class KubernetesExamination {
  private static final String SUBJECT = "kubernetes";
  private static final Duration CLOCKS_APART_MAX = Duration.ofSeconds(5);
  private static final String DEFINITION = "deploy/helm/turboprop/crds/flyteworkflows.yaml";

  private final List<Finding> findings;

  private KubernetesExamination(List<Finding> findings) {
    this.findings = findings;
  }

  /**
   * Examines what the settings switch on; finds nothing where that is nothing.
   *
   * @param turboprop the section {@code turboprop}, resolved
   */
  static void examine(Config turboprop, List<Finding> findings) {
    var examination = new KubernetesExamination(findings);
    try {
      var clusters = PodAccess.of(turboprop);
      clusters.forEach(pods -> examination.pods(pods, clusters.size() > 1));
      var resources = ResourceSettings.from(turboprop);
      if (resources.enabled()) {
        examination.resources(resources);
      }
    } catch (ConfigException wrong) {
      findings.add(Finding.problem("settings", String.valueOf(wrong.getMessage())));
    }
  }

  private void pods(PodAccess pods, boolean areSeveral) {
    var purpose = "tasks as pods" + (areSeveral ? " of the cluster " + pods.id() : "");
    try (var client = client(pods.cluster())) {
      permissions(client, purpose, needed(client, pods));
      clock(client);
    } catch (IOException e) {
      unreachable(pods.cluster(), e);
    }
  }

  /** The permissions for pods, and for the objects that a new namespace gets. */
  private List<Permission> needed(KubernetesClient client, PodAccess pods) throws IOException {
    var needed = new ArrayList<>(pods.permissions());
    var resources = new ApiResources(client, "doctor");
    for (var kind : pods.applied()) {
      var resource = resources.find(kind);
      if (resource.isEmpty()) {
        findings.add(
            Finding.problem(
                SUBJECT,
                "the cluster does not know %s of %s, which a template of namespaces needs (%s.namespace-templates.folder)"
                    .formatted(kind.name(), kind.apiVersion(), pods.cluster().section())));
      } else {
        for (var verb : List.of("create", "patch")) {
          needed.add(new Permission(verb, kind.group(), resource.get().plural(), ""));
        }
      }
    }
    return needed.stream().distinct().toList();
  }

  private void resources(ResourceSettings settings) {
    try (var client = client(settings.access())) {
      permissions(client, "FlyteWorkflow resources", settings.permissions());
      clock(client);
      if (settings.isDefined(client)) {
        findings.add(Finding.ok(SUBJECT, "the cluster knows FlyteWorkflow resources"));
      } else if (settings.createDefinition()) {
        findings.add(
            Finding.warning(
                SUBJECT,
                "the cluster does not know FlyteWorkflow resources yet: the engine will create their"
                    + " CustomResourceDefinition"));
      } else {
        findings.add(
            Finding.problem(
                SUBJECT,
                ("the cluster does not know FlyteWorkflow resources: kubectl apply -f %s, or set"
                        + " turboprop.kubernetes.create-flyteworkflow-crd")
                    .formatted(DEFINITION)));
      }
    } catch (IOException e) {
      unreachable(settings.access(), e);
    }
  }

  private static KubernetesClient client(ClusterAccess access) throws IOException {
    return new KubernetesClient(
        access, System.getenv(), new RequestMeters(new SimpleMeterRegistry(), "doctor"));
  }

  private void unreachable(ClusterAccess access, IOException failure) {
    findings.add(
        Finding.problem(
            SUBJECT,
            "the Kubernetes API can't be used: %s. Correct %s.kubeconfig or %s.context"
                .formatted(failure.getMessage(), access.section(), access.section())));
  }

  private void permissions(KubernetesClient client, String purpose, List<Permission> permissions)
      throws IOException {
    var missing = new ArrayList<String>();
    for (var permission : permissions) {
      if (!client.allows(permission)) {
        missing.add(permission.toString());
      }
    }
    findings.add(
        missing.isEmpty()
            ? Finding.ok(SUBJECT, "the account may do all that %s need".formatted(purpose))
            : Finding.problem(
                SUBJECT,
                "the account may not %s, which %s need: give it a role that allows this (deploy/KUBERNETES.md lists all)"
                    .formatted(String.join(", ", missing), purpose)));
  }

  private void clock(KubernetesClient client) throws IOException {
    var apart = Duration.between(client.serverTime(), Instant.now()).abs();
    if (apart.compareTo(CLOCKS_APART_MAX) > 0) {
      findings.add(
          Finding.warning(
              SUBJECT,
              "the clock of the API server and the clock of this machine are %d s apart: set both by NTP, or the times of pods are wrong"
                  .formatted(apart.toSeconds())));
    }
  }
}
