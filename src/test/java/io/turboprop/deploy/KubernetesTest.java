package io.turboprop.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turboprop.Shared;
import io.turboprop.TestingCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The chart, installed by Helm in a Kubernetes that has a real API server, its controllers and
 * scheduler, and simulated nodes: pods are admitted, created and bound, but nothing runs in them.
 */
@Tag("integration")
class KubernetesTest {
  /** As many as the values with everything want engines on nodes of their own. */
  private static final int NODES = 5;

  /** Where the control plane has its programs once they are built, which takes minutes. */
  private static final Path PROGRAMS =
      Path.of(System.getProperty("user.home"), ".cache", "turboprop-k8s");

  @TempDir private static Path folder;
  private static String kubeconfig;

  @BeforeAll
  static void start() throws Exception {
    var up = Shared.path("k8s/up").toString();
    assumeTrue(TestingCommand.find("kubectl").isPresent(), "no kubectl on the PATH: test skipped");
    assumeTrue(TestingCommand.find("helm").isPresent(), "no helm on the PATH: test skipped");
    assumeTrue(isBuilt(), "the control plane is not built in " + PROGRAMS + ": test skipped");
    TestingCommand.of(up, "--nodes", "" + NODES, "--controllers", "*", folder.toString()).succeed();
    kubeconfig = folder.resolve("kubeconfig").toString();
    kubectl("label", "nodes", "--all", "topology.kubernetes.io/zone=a", "kubernetes.io/os=linux");
    for (var kind : List.of("ServiceMonitor", "PrometheusRule")) {
      apply(definition(kind));
    }
  }

  private static boolean isBuilt() throws IOException {
    if (!Files.isDirectory(PROGRAMS)) {
      return false;
    }
    try (var files = Files.walk(PROGRAMS, 3)) {
      var names = files.map(file -> file.getFileName().toString()).toList();
      return names.containsAll(
          List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (kubeconfig != null) {
      TestingCommand.of(Shared.path("k8s/down").toString(), folder.toString()).succeed();
    }
  }

  @Test
  void threeEnginesStartWithTheRequiredValuesAlone() throws Exception {
    install("small", HelmChart.REQUIRED);

    awaitRunning("small", "engine", 3);
    var pods = pods("small", "engine");
    assertThat(pods.stream().map(pod -> pod.at("/metadata/name").asText()))
        .containsExactlyInAnyOrder("r-turboprop-0", "r-turboprop-1", "r-turboprop-2");
    assertThat(pods.stream().map(pod -> pod.at("/spec/nodeName").asText()))
        .as("the nodes, one for each engine")
        .doesNotHaveDuplicates()
        .noneMatch(String::isEmpty);
  }

  @Test
  void everythingIsAdmittedAndScheduled() throws Exception {
    install("whole", List.of("-f", HelmChart.EVERYTHING.toString()));

    awaitRunning("whole", "engine", 5);
    assertThat(pods("whole", "engine").stream().map(pod -> pod.at("/spec/nodeName").asText()))
        .doesNotHaveDuplicates();
    assertThat(
            kubectl(
                "-n",
                "whole",
                "get",
                "-o",
                "name",
                "networkpolicy,servicemonitor,prometheusrule,hpa,pdb,deployment"))
        .contains(
            "networkpolicy.networking.k8s.io/r-turboprop",
            "servicemonitor.monitoring.coreos.com/r-turboprop",
            "prometheusrule.monitoring.coreos.com/r-turboprop",
            "horizontalpodautoscaler.autoscaling/r-turboprop-executor",
            "poddisruptionbudget.policy/r-turboprop",
            "deployment.apps/r-turboprop-executor");
    awaitRunning("whole", "executor", 1);
  }

  @Test
  void accountMaySeePodsAndNothingElse() throws Exception {
    install("rights", HelmChart.REQUIRED);

    assertThat(may("list", "pods")).isTrue();
    assertThat(may("watch", "pods")).isTrue();
    assertThat(may("delete", "pods")).isFalse();
    assertThat(may("get", "secrets")).isFalse();
  }

  private static boolean may(String verb, String what) throws Exception {
    var answer =
        command(
                "auth",
                "can-i",
                verb,
                what,
                "-n",
                "rights",
                "--as=system:serviceaccount:rights:r-turboprop")
            .run();
    return answer.output().strip().equals("yes");
  }

  @Test
  void upgradeKeepsWhatIsThereAndRollsThePods() throws Exception {
    install("rolled", HelmChart.REQUIRED);
    awaitRunning("rolled", "engine", 3);
    var before = revision();

    helm(
        "upgrade",
        "rolled",
        Stream.concat(HelmChart.REQUIRED.stream(), Stream.of("--set", "log.level=DEBUG")).toList());

    kubectl("-n", "rolled", "rollout", "status", "statefulset/r-turboprop", "--timeout=60s");
    assertThat(revision()).isNotEqualTo(before);
    awaitRunning("rolled", "engine", 3);
  }

  private static String revision() throws Exception {
    return kubectl(
        "-n",
        "rolled",
        "get",
        "statefulset/r-turboprop",
        "-o",
        "jsonpath={.status.updateRevision}");
  }

  /** Installs the chart in a namespace of its own, which admits what is restricted and no more. */
  private static void install(String namespace, List<String> values) throws Exception {
    kubectl("create", "namespace", namespace);
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
    helm("install", namespace, values);
  }

  private static void helm(String action, String namespace, List<String> values) throws Exception {
    var arguments =
        Stream.concat(
            Stream.of(action, "r", HelmChart.FOLDER.toString(), "-n", namespace), values.stream());
    HelmChart.helm(arguments.toList()).with("KUBECONFIG", kubeconfig).succeed();
  }

  private static void awaitRunning(String namespace, String component, int count) throws Exception {
    kubectl(
        "-n",
        namespace,
        "wait",
        "pod",
        "--selector=" + selector(component),
        "--timeout=60s",
        "--for=create");
    var workload =
        component.equals("engine") ? "statefulset/r-turboprop" : "deployment/r-turboprop-executor";
    kubectl(
        "-n",
        namespace,
        "wait",
        workload,
        "--timeout=60s",
        "--for=jsonpath={.status.readyReplicas}=" + count);
    assertThat(pods(namespace, component))
        .hasSize(count)
        .allMatch(pod -> pod.at("/status/phase").asText().equals("Running"));
  }

  private static List<JsonNode> pods(String namespace, String component) throws Exception {
    var list =
        kubectl("-n", namespace, "get", "pods", "-o", "json", "--selector=" + selector(component));
    return new ObjectMapper().readTree(list).path("items").valueStream().toList();
  }

  private static String selector(String component) {
    return "app.kubernetes.io/component=" + component;
  }

  /** As much of a definition of the Prometheus operator as it takes to store its objects. */
  private static String definition(String kind) {
    var plural = kind.toLowerCase(Locale.ROOT) + "s";
    return """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: %2$s.monitoring.coreos.com}
    spec:
      group: monitoring.coreos.com
      scope: Namespaced
      names: {kind: %1$s, listKind: %1$sList, plural: %2$s, singular: %3$s}
      versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
    """
        .formatted(kind, plural, plural.substring(0, plural.length() - 1));
  }

  private static void apply(String manifest) throws Exception {
    var file = Files.writeString(folder.resolve("manifest.yaml"), manifest);
    kubectl("apply", "-f", file.toString());
    kubectl("wait", "--for=condition=Established", "-f", file.toString(), "--timeout=30s");
  }

  private static String kubectl(String... arguments) throws Exception {
    return command(arguments).succeed();
  }

  private static TestingCommand command(String... arguments) {
    return TestingCommand.of(
            Stream.concat(Stream.of("kubectl"), Stream.of(arguments)).toArray(String[]::new))
        .with("KUBECONFIG", kubeconfig);
  }
}
