package io.turboprop.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.turboprop.TestingCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The objects that the chart renders for one set of values, in Helm's order.
 *
 * @param text as Helm prints them
 */
record HelmChart(String text, List<JsonNode> objects) {
  static final Path FOLDER = Path.of("deploy", "helm", "turboprop");
  static final String NAMESPACE = "flyte";

  /** The values that have no default. */
  static final List<String> REQUIRED =
      List.of(
          "--set", "database.host=db.example.com",
          "--set", "data.base=s3://bucket/prefix",
          "--set", "secrets.databasePassword=secret");

  /** Values that switch everything on. */
  static final Path EVERYTHING = Path.of("src", "test", "resources", "deploy", "everything.yaml");

  /** The command line of Helm; skips the calling test without it. */
  static TestingCommand helm(List<String> arguments) {
    var helm = TestingCommand.find("helm");
    assumeTrue(helm.isPresent(), "no helm on the PATH: test skipped");
    return new TestingCommand(
        Stream.concat(Stream.of(helm.get().toString()), arguments.stream()).toList(), Map.of());
  }

  /** Renders the chart as release {@code r}. */
  static HelmChart render(List<String> values) throws IOException, InterruptedException {
    var text = helm(template(values)).succeed();
    var objects = new ArrayList<JsonNode>();
    try (var documents = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      documents.forEachRemaining(objects::add);
    }
    return new HelmChart(text, objects);
  }

  static List<String> template(List<String> values) {
    var arguments =
        new ArrayList<>(
            List.of("template", "r", FOLDER.toString(), "-n", NAMESPACE, "--kube-version", "1.34"));
    arguments.addAll(values);
    return arguments;
  }

  /** The one object of this kind and name. */
  JsonNode object(String kind, String name) {
    return objects.stream()
        .filter(isOf(kind))
        .filter(object -> object.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name + " in:\n" + text));
  }

  /** The pod templates of everything that starts pods. */
  List<JsonNode> podTemplates() {
    return objects.stream()
        .map(object -> object.at("/spec/template"))
        .filter(JsonNode::isObject)
        .toList();
  }

  static Predicate<JsonNode> isOf(String kind) {
    return object -> object.path("kind").asText().equals(kind);
  }
}
