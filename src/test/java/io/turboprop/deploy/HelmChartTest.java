package io.turboprop.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.turboprop.cli.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The chart as Helm renders it: with the values that have no default alone, and with everything.
 */
@Tag("integration")
class HelmChartTest {
  private static final List<String> ALL = List.of("-f", HelmChart.EVERYTHING.toString());
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)}");

  private static HelmChart small;
  private static HelmChart whole;

  @BeforeAll
  static void render() throws Exception {
    small = HelmChart.render(HelmChart.REQUIRED);
    whole = HelmChart.render(ALL);
  }

  @Test
  void helmFindsNothingToComplainOf() throws Exception {
    var lint =
        Stream.concat(Stream.of("lint", "--strict", HelmChart.FOLDER.toString()), ALL.stream());
    HelmChart.helm(lint.toList()).succeed();
  }

  @Test
  void valueThatDoesNotExistIsRefused() throws Exception {
    var arguments =
        Stream.concat(HelmChart.REQUIRED.stream(), Stream.of("--set", "databse.host=a")).toList();
    var result = HelmChart.helm(HelmChart.template(arguments)).run();

    assertThat(result.code()).isNotZero();
    assertThat(result.errors()).contains("databse");
  }

  @Test
  void missingValuesAreNamed() throws Exception {
    var result = HelmChart.helm(HelmChart.template(HelmChart.REQUIRED.subList(0, 2))).run();

    assertThat(result.code()).isNotZero();
    assertThat(result.errors()).containsAnyOf("data.base must", "secrets.databasePassword must");
  }

  @Test
  void engineReadsItsSettings(@TempDir Path folder) throws Exception {
    var config = load(small, folder, "turboprop.conf").config();

    assertThat(config.getStringList("turboprop.cluster.roles"))
        .containsExactly("door", "engine", "executor");
    assertThat(config.getInt("turboprop.cluster.nodes-min")).isEqualTo(2);
    assertThat(config.getString("turboprop.store.server")).isEqualTo("external");
    assertThat(config.getString("turboprop.store.external.url"))
        .isEqualTo("jdbc:postgresql://db.example.com:5432/turboprop");
    assertThat(config.getString("turboprop.data.base")).isEqualTo("s3://bucket/prefix");
    assertThat(config.getStringList("turboprop.admin.hosts"))
        .contains("r-turboprop", "r-turboprop.flyte.svc.cluster.local");
  }

  @Test
  void executorsReadTheSameSettingsAndTheirOwn(@TempDir Path folder) throws Exception {
    var config = load(whole, folder, "executors.conf").config();

    assertThat(config.getString("turboprop.store.external.url")).endsWith("?sslmode=verify-full");
    assertThat(config.getInt("turboprop.plugins.local.slots")).isEqualTo(3);
    assertThat(config.getStringList("turboprop.cluster.roles")).containsExactly("executor");
    assertThat(config.getString("turboprop.data.s3.access-key-id")).isEqualTo("any");
    assertThat(config.getInt("turboprop.workflow.max-parallelism"))
        .as("a setting of the value config")
        .isEqualTo(50);
  }

  private static EngineOptions load(HelmChart chart, Path folder, String file) throws IOException {
    var files = chart.object("ConfigMap", "r-turboprop").path("data");
    for (var entry : files.properties()) {
      Files.writeString(folder.resolve(entry.getKey()), entry.getValue().asText());
    }
    return EngineOptions.load(environment(chart), Map.of(), folder.resolve(file));
  }

  /** The environment of the container, as the settings refer to it. */
  private static Map<String, Object> environment(HelmChart chart) {
    var variables = new HashMap<String, Object>();
    chart
        .object("StatefulSet", "r-turboprop")
        .at("/spec/template/spec/containers/0/env")
        .forEach(variable -> variables.put(variable.path("name").asText(), "any"));
    chart
        .object("Secret", "r-turboprop")
        .path("data")
        .fieldNames()
        .forEachRemaining(name -> variables.put(name, "any"));
    return variables;
  }

  @Test
  void enginesLeaveTasksToExecutorsWhereThereAreAny(@TempDir Path folder) throws Exception {
    var config = load(whole, folder, "turboprop.conf").config();

    assertThat(config.getStringList("turboprop.cluster.roles")).containsExactly("door", "engine");
    assertThat(config.getInt("turboprop.cluster.nodes-min")).isEqualTo(3);
  }

  @Test
  void podsHaveTheLabelByWhichEnginesFindEachOther(@TempDir Path folder) throws Exception {
    var service =
        load(whole, folder, "turboprop.conf").config().getString("turboprop.cluster.service");

    assertThat(whole.podTemplates())
        .hasSize(2)
        .allSatisfy(pod -> assertThat(pod.at("/metadata/labels/app").asText()).isEqualTo(service));
  }

  @Test
  void settingsReferToVariablesThatTheContainerHas() {
    for (var chart : List.of(small, whole)) {
      var settings = chart.object("ConfigMap", "r-turboprop").at("/data/turboprop.conf").asText();
      var named =
          VARIABLE
              .matcher(settings)
              .results()
              .map(found -> found.group(1))
              .collect(Collectors.toSet());

      assertThat(named).contains("TURBOPROP_DATABASE_PASSWORD", "POD_IP");
      assertThat(environment(chart)).containsKeys(named.toArray(String[]::new));
    }
  }

  @Test
  void podsHaveNoPrivilegeAndCannotWriteToTheirImage() {
    assertThat(whole.podTemplates()).hasSize(2);
    for (var pod : whole.podTemplates()) {
      var all = pod.at("/spec/securityContext");
      assertThat(all.path("runAsNonRoot").asBoolean()).isTrue();
      assertThat(all.path("runAsUser").asInt()).isEqualTo(65532);
      assertThat(all.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
      var own = pod.at("/spec/containers/0/securityContext");
      assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(own.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
    }
  }

  @Test
  void folderThatTheEngineWritesToIsAVolume() {
    var mounts =
        small
            .podTemplates()
            .getFirst()
            .at("/spec/containers/0/volumeMounts")
            .valueStream()
            .filter(mount -> !mount.path("readOnly").asBoolean())
            .map(mount -> mount.path("mountPath").asText());

    assertThat(mounts)
        .containsExactlyInAnyOrder("/var/lib/turboprop", "/var/cache/turboprop", "/tmp");
  }

  @Test
  void portsOfServicesProbesAndPoliciesAreThoseOfTheContainer() {
    var ports = new HashSet<String>();
    whole
        .podTemplates()
        .forEach(pod ->
            pod.at("/spec/containers/0/ports").forEach(p -> ports.add(p.path("name").asText())));

    var named = new HashSet<String>();
    for (var object : whole.objects()) {
      object.findValues("targetPort").forEach(port -> named.add(port.asText()));
      object.findValues("httpGet").forEach(probe -> named.add(probe.path("port").asText()));
    }
    whole
        .object("NetworkPolicy", "r-turboprop")
        .path("spec")
        .findValues("port")
        .forEach(port -> named.add(port.asText()));

    assertThat(ports).isEqualTo(Set.of("api", "remoting", "management"));
    assertThat(named).isEqualTo(ports);
  }

  @Test
  void servicesAndBudgetSelectTheEngines() {
    var labels = whole.object("StatefulSet", "r-turboprop").at("/spec/template/metadata/labels");
    var selectors =
        Map.of(
            "client service", whole.object("Service", "r-turboprop").at("/spec/selector"),
            "headless", whole.object("Service", "r-turboprop-headless").at("/spec/selector"),
            "budget",
                whole.object("PodDisruptionBudget", "r-turboprop").at("/spec/selector/matchLabels"),
            "policy",
                whole.object("NetworkPolicy", "r-turboprop").at("/spec/podSelector/matchLabels"));

    selectors.forEach((name, selector) -> assertThat(isPart(selector, labels)).as(name).isTrue());
    assertThat(
            whole
                .object("Service", "r-turboprop-headless")
                .at("/spec/publishNotReadyAddresses")
                .asBoolean())
        .isTrue();
    assertThat(whole.object("StatefulSet", "r-turboprop").at("/spec/podManagementPolicy").asText())
        .isEqualTo("Parallel");
  }

  @Test
  void clientServiceSendsNothingToExecutors() {
    var executor =
        whole.object("Deployment", "r-turboprop-executor").at("/spec/template/metadata/labels");

    assertThat(isPart(whole.object("Service", "r-turboprop").at("/spec/selector"), executor))
        .isFalse();
    assertThat(
            isPart(whole.object("Service", "r-turboprop-headless").at("/spec/selector"), executor))
        .isTrue();
  }

  private static boolean isPart(JsonNode selector, JsonNode labels) {
    return !selector.isEmpty()
        && selector.properties().stream()
            .allMatch(label -> label.getValue().equals(labels.path(label.getKey())));
  }

  @Test
  void scalingFollowsTheExecutorsOnly() {
    var scaler = whole.object("HorizontalPodAutoscaler", "r-turboprop-executor").path("spec");

    assertThat(scaler.at("/scaleTargetRef/kind").asText()).isEqualTo("Deployment");
    assertThat(scaler.at("/scaleTargetRef/name").asText()).isEqualTo("r-turboprop-executor");
    assertThat(whole.object("Deployment", "r-turboprop-executor").path("spec").has("replicas"))
        .as("a number of replicas, which an upgrade would set again")
        .isFalse();
  }

  @Test
  void alertsAndDashboardAreThoseOfDeploy() throws IOException {
    var rules = whole.object("PrometheusRule", "r-turboprop").at("/spec/groups/0/rules");
    var dashboard = whole.object("ConfigMap", "r-turboprop-dashboard").at("/data/turboprop.json");

    assertThat(rules.size()).isGreaterThan(10);
    assertThat(dashboard.asText().strip())
        .isEqualTo(Files.readString(Path.of("deploy", "grafana", "turboprop.json")).strip());
  }
}
