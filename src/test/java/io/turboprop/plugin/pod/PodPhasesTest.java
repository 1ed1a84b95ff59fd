package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule is an entry of {@code pod/phases.yaml}: a pod's status, and what it means. */
class PodPhasesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:10:00Z");

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void ruleHolds(String name, JsonNode rule) {
    var phases = new PodPhases(settings(rule.path("settings").asText("")).grace());

    assertThat(text(phases.of(ObservedPod.of(pod(rule)), NOW)))
        .isEqualTo(rule.path("gives").asText());
  }

  static Stream<Object[]> rules() throws IOException {
    try (var file = PodPhasesTest.class.getResourceAsStream("/pod/phases.yaml")) {
      var rules = new ArrayList<Object[]>();
      new YAMLMapper()
          .readTree(file)
          .forEach(rule -> rules.add(new Object[] {rule.path("rule").asText(), rule}));
      return rules.stream();
    }
  }

  @Test
  void podThatIsGoneIsThePlatformsError() {
    assertThat(text(PodPhases.gone(new PodKey("ns", "pod"))))
        .startsWith(
            "retryable SYSTEM ResourceDeletedExternally: resource not found, name [ns/pod]");
  }

  private static JsonObject pod(JsonNode rule) {
    var metadata = new JsonObject();
    metadata.addProperty("namespace", "ns");
    metadata.addProperty("name", "pod");
    if (rule.path("deleting").asBoolean()) {
      metadata.addProperty("deletionTimestamp", "2026-01-01T12:00:00Z");
    }
    var annotations = new JsonObject();
    annotations.addProperty(PodMetadata.PRIMARY, rule.path("primary").asText(""));
    metadata.add("annotations", annotations);
    var containers = new JsonArray();
    for (var name : rule.path("containers")) {
      var container = new JsonObject();
      container.addProperty("name", name.asText());
      containers.add(container);
    }
    var spec = new JsonObject();
    spec.add("containers", containers);
    var pod = new JsonObject();
    pod.add("metadata", metadata);
    pod.add("spec", spec);
    pod.add("status", JsonParser.parseString(rule.path("status").toString()));
    return pod;
  }

  static PodSettings settings(String given) {
    return PodSettings.from(
        ConfigFactory.parseString(given)
            .withFallback(
                ConfigFactory.parseResources("reference.conf").getConfig("turboprop.plugins.pod"))
            .resolve());
  }

  private static String text(PodPhase phase) {
    return switch (phase) {
      case PodPhase.Active(var taskPhase, var reason, var again) ->
          (taskPhase + again.map(left -> " again in " + left).orElse("") + " " + reason).strip();
      case PodPhase.Succeeded() -> "SUCCEEDED";
      case PodPhase.Failed(var error, var recoverable) ->
          "%s %s %s: %s"
              .formatted(
                  recoverable ? "retryable" : "permanent",
                  error.kind(),
                  error.code(),
                  error.message());
    };
  }
}
