package io.turboprop.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turboprop.kubernetes.client.Permission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The kind of resource, and what selects resources. */
class DefinitionTest {
  private static final Path CHART = Path.of("deploy", "helm", "turboprop");

  private static ResourceSettings settings(String settings) {
    return ResourceSettings.from(
        ConfigFactory.parseString("turboprop.kubernetes {" + settings + "}")
            .withFallback(ConfigFactory.load())
            .resolve()
            .getConfig("turboprop"));
  }

  @Test
  void theEngineHasTheDefinitionOfTheChart() throws IOException {
    assertThat(Definition.class.getResourceAsStream("flyteworkflows.yaml"))
        .hasBinaryContent(Files.readAllBytes(CHART.resolve("crds").resolve("flyteworkflows.yaml")));
    assertThat(Definition.read().getAsJsonObject("metadata").get("name").getAsString())
        .isEqualTo("flyteworkflows.flyte.lyft.com");
  }

  @Test
  void thoseThatHaveEndedAreNotWatched() {
    assertThat(settings("").selector()).isEqualTo("termination-status notin (terminated)");
  }

  @Test
  void shardsProjectsAndDomainsSelect() {
    assertThat(
            settings("include-shard-key-label = [0, 1], exclude-domain-label = [development]")
                .selector())
        .isEqualTo(
            "termination-status notin (terminated),shard-key in (0,1),domain notin (development)");
  }

  @Test
  void thoseThatEndedSomeHoursAgoAreDeletedIfTheyAreOurs() {
    var settings = settings("max-ttl-hours = 2, include-project-label = [a]");

    assertThat(GarbageCollection.selector(settings, Instant.parse("2026-01-02T00:30:00Z")))
        .isEqualTo(
            "termination-status=terminated,completed-time,"
                + "completed-time notin (2026-01-02.00,2026-01-01.23,2026-01-01.22),project in (a)");
  }

  @Test
  void moreThanADayIsADayWithoutAnHour() {
    assertThat(settings("max-ttl-hours = 100").collection().ttlHours()).isEqualTo(23);
  }

  @Test
  void theGuideListsEveryPermissionOfResources() throws IOException {
    var guide = Files.readString(Path.of("deploy", "KUBERNETES.md"));
    var verbs =
        settings("").permissions().stream()
            .filter(permission -> permission.resource().equals("flyteworkflows"))
            .map(Permission::verb)
            .sorted()
            .collect(Collectors.joining(", "));

    assertThat(guide).contains("| flyteworkflows.flyte.lyft.com | " + verbs + " |");
  }
}
