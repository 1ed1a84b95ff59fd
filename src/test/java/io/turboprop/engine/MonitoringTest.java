package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import flyteidl.admin.VersionOuterClass.GetVersionRequest;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.store.TestingDatabase;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard and the alert rules of {@code deploy}, against what a running engine serves. */
@Tag("integration")
class MonitoringTest {
  private static final Path DASHBOARD = Path.of("deploy", "grafana", "turboprop.json");
  private static final Path ALERTS = Path.of("deploy", "prometheus", "alerts.yaml");
  private static final Pattern LABEL_IN_LEGEND = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
  private static final Pattern LABEL_IN_TEXT = Pattern.compile("\\$labels\\.(\\w+)");
  private static final Pattern VARIABLE_QUERY = Pattern.compile("label_values\\((.+), (\\w+)\\)");

  private static String text;
  private static ServedMetrics served;

  /** The engine is the only node of a cluster, so that it shows what nodes of clusters show. */
  @BeforeAll
  static void scrape(@TempDir Path folder) throws Exception {
    try (var engine = new EngineProcess(folder, "--config", clusterOfOne(folder)).start();
        var client = new EngineClient(engine);
        var http = HttpClient.newHttpClient()) {
      // The metric of calls begins with the first one.
      client.admin().getVersion(GetVersionRequest.getDefaultInstance());
      var request = HttpRequest.newBuilder(engine.address().resolve("/metrics")).build();
      text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      served = ServedMetrics.parse(text);
    }
  }

  private static String clusterOfOne(Path folder) throws IOException {
    var port = EngineProcess.freePort();
    var database = (PostgresServer.External) TestingDatabase.settings().server();
    var settings =
        """
        turboprop {
          cluster { host = "127.0.0.1", port = %d, seeds = ["127.0.0.1:%d"] }
          store { server = external, external { url = "%s", user = "%s", password = "%s" } }
          flyteadmin { endpoint = "127.0.0.1:9", executions = none, children = local }
        }
        """
            .formatted(port, port, database.url(), database.user(), database.password());
    return Files.writeString(folder.resolve("cluster.conf"), settings).toString();
  }

  @Test
  void theListOfFiguresIsWhatIsServedAndEachHasItsHelp() throws IOException {
    var listed = Files.readString(Path.of("deploy", "metrics.md"));

    assertThat(names(text, "(?m)^# HELP ((?:flyte|turboprop)_\\w+?)(?:_max)? \\S"))
        .isEqualTo(names(listed, "(?m)^\\| `(\\w+)`"));
    assertThat(names(text, "(?m)^# HELP ((?:flyte|turboprop)_\\w+) *$")).isEmpty();
  }

  private static Set<String> names(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPanelReadsWhatIsServed() throws IOException {
    var targets =
        new ObjectMapper()
            .readTree(DASHBOARD.toFile())
            .path("panels")
            .valueStream()
            .flatMap(panel -> panel.path("targets").valueStream())
            .toList();

    assertThat(targets).hasSizeGreaterThan(40);
    assertThat(targets)
        .allSatisfy(
            target -> check(target.path("expr"), target.path("legendFormat"), LABEL_IN_LEGEND));
  }

  @Test
  void variablesOfTheDashboardReadWhatIsServed() throws IOException {
    var queries =
        new ObjectMapper()
            .readTree(DASHBOARD.toFile())
            .path("templating")
            .path("list")
            .valueStream()
            .filter(variable -> variable.path("type").asText().equals("query"))
            .map(variable -> variable.path("query").asText())
            .toList();

    assertThat(queries).hasSize(2);
    assertThat(queries)
        .allSatisfy(query -> {
          var parts = VARIABLE_QUERY.matcher(query);
          assertThat(parts.matches()).isTrue();
          assertThat(served.missing(PromQl.parse(parts.group(1)))).isEmpty();
          assertThat(ServedMetrics.OF_PROMETHEUS).contains(parts.group(2));
        });
  }

  @Test
  void everyAlertReadsWhatIsServedAndNamesLabelsThatItHas() throws IOException {
    var rules =
        new YAMLMapper()
            .readTree(ALERTS.toFile())
            .path("groups")
            .valueStream()
            .flatMap(group -> group.path("rules").valueStream())
            .toList();

    assertThat(rules).hasSizeGreaterThan(10).doesNotHaveDuplicates();
    assertThat(rules)
        .allSatisfy(rule -> {
          check(rule.path("expr"), rule.path("annotations").path("summary"), LABEL_IN_TEXT);
          assertThat(rule.path("annotations").path("description").asText()).isNotBlank();
          assertThat(rule.path("labels").path("severity").asText()).isIn("page", "ticket");
        });
  }

  private static void check(JsonNode expression, JsonNode text, Pattern label) {
    var query = PromQl.parse(expression.asText());
    assertThat(query.selectors()).as(expression.asText()).isNotEmpty();
    assertThat(served.missing(query)).as("not served, of " + expression.asText()).isEmpty();
    assertThat(labels(text, label))
        .as("labels in: " + text.asText())
        .isSubsetOf(served.labelsOfResult(query));
  }

  private static List<String> labels(JsonNode text, Pattern label) {
    return label.matcher(text.asText()).results().map(found -> found.group(1)).toList();
  }
}
