package io.turboprop.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import io.turboprop.cli.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** {@code deploy/compose.yaml}, as far as it can be read without Docker. */
class ComposeTest {
  private static final Path FOLDER = Path.of("deploy");

  /** What a service may have, of the Compose Specification; no more than we use. */
  private static final Set<String> OF_A_SERVICE =
      Set.of(
          "image",
          "command",
          "entrypoint",
          "environment",
          "configs",
          "tmpfs",
          "volumes",
          "ports",
          "hostname",
          "read_only",
          "cap_drop",
          "security_opt",
          "stop_grace_period",
          "restart",
          "depends_on",
          "healthcheck");

  private static final Set<String> CONDITIONS =
      Set.of("service_started", "service_healthy", "service_completed_successfully");

  private static JsonNode compose;
  private static final Map<String, JsonNode> engines = new TreeMap<>();
  private static Config settings;

  @BeforeAll
  static void read() throws IOException {
    // Jackson's own reader of YAML knows no merge keys.
    Object tree = new Yaml().load(Files.readString(FOLDER.resolve("compose.yaml")));
    compose = new ObjectMapper().valueToTree(tree);
    for (var service : compose.path("services").properties()) {
      if (service.getKey().startsWith("engine")) {
        engines.put(service.getKey(), service.getValue());
      }
    }
    var file = compose.at("/configs/turboprop.conf/file").asText();
    settings = EngineOptions.load(environment("engine1"), Map.of(), FOLDER.resolve(file)).config();
  }

  private static Map<String, Object> environment(String engine) {
    var environment = new HashMap<String, Object>();
    environment.put("HOSTNAME", engines.get(engine).path("hostname").asText());
    engines
        .get(engine)
        .path("environment")
        .properties()
        .forEach(variable -> environment.put(variable.getKey(), variable.getValue().asText()));
    return environment;
  }

  @Test
  void servicesHaveWhatTheSpecificationHas() {
    assertThat(compose.path("services").properties())
        .hasSize(6)
        .allSatisfy(service -> {
          assertThat(OF_A_SERVICE)
              .as(service.getKey())
              .containsAll(() -> service.getValue().fieldNames());
          assertThat(service.getValue().path("image").asText())
              .isNotBlank()
              .doesNotEndWith(":latest");
          service
              .getValue()
              .path("depends_on")
              .properties()
              .forEach(other -> {
                assertThat(compose.path("services").has(other.getKey()))
                    .as(other.getKey())
                    .isTrue();
                assertThat(CONDITIONS).contains(other.getValue().path("condition").asText());
              });
        });
  }

  @Test
  void enginesFindEachOtherAndKeepApartOnTheMachine() {
    assertThat(engines).hasSize(3);
    assertThat(settings.getStringList("turboprop.cluster.seeds"))
        .isEqualTo(
            engines.values().stream()
                .map(engine -> engine.path("hostname").asText() + ":" + port("cluster"))
                .toList());
    assertThat(settings.getString("turboprop.cluster.host")).isEqualTo("engine1");
    assertThat(engines.values().stream().map(engine -> engine.at("/ports/0").asText()))
        .doesNotHaveDuplicates()
        .allMatch(published -> published.matches("127\\.0\\.0\\.1:\\d+:" + port("admin")));
  }

  private static int port(String section) {
    return settings.getInt("turboprop." + section + ".port");
  }

  @Test
  void databaseAndStoreAreTheServicesWithTheirPasswords() {
    var database = compose.at("/services/database/environment");
    var objects = compose.at("/services/objects/environment");

    assertThat(settings.getString("turboprop.store.external.url"))
        .startsWith("jdbc:postgresql://database:5432/");
    assertThat(settings.getString("turboprop.store.external.password"))
        .isEqualTo(database.path("POSTGRES_PASSWORD").asText());
    assertThat(settings.getString("turboprop.data.s3.endpoint")).startsWith("http://objects:");
    assertThat(
            List.of(
                settings.getString("turboprop.data.s3.access-key-id"),
                settings.getString("turboprop.data.s3.secret-access-key")))
        .isEqualTo(
            List.of(
                objects.path("MINIO_ROOT_USER").asText(),
                objects.path("MINIO_ROOT_PASSWORD").asText()));
    assertThat(compose.at("/services/bucket/command/0").asText())
        .contains(
            settings.getString("turboprop.data.base").replaceFirst("s3://(\\w+)/.*", "objects/$1"));
  }

  @Test
  void enginesWriteWhereTheyMayAndHaveNoPrivilege() {
    assertThat(engines.values())
        .allSatisfy(engine -> {
          assertThat(engine.path("read_only").asBoolean()).isTrue();
          assertThat(engine.at("/cap_drop/0").asText()).isEqualTo("ALL");
          assertThat(engine.at("/command/2").asText())
              .isEqualTo(engine.at("/configs/0/target").asText());
          for (var folder : List.of("turboprop.directory", "turboprop.cache")) {
            assertThat(
                    engine.path("tmpfs").valueStream().map(mount -> mount.asText().split(":")[0]))
                .anyMatch(mount -> settings.getString(folder).startsWith(mount));
          }
        });
  }
}
