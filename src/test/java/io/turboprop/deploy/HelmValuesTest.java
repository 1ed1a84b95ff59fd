package io.turboprop.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The values of the chart, their comments, and their schema say the same. */
class HelmValuesTest {
  private static final Pattern COMMENT = Pattern.compile(" *# ?(.*)");
  private static final Pattern KEY = Pattern.compile("( *)([\\w-]+):.*");
  private static final Pattern SET = Pattern.compile("--set ([\\w.]+)=");
  private static final int INDENT = 2;

  /** Kubernetes takes these in resources, and the defaults do without. */
  private static final Pattern WITHOUT_DEFAULT =
      Pattern.compile(
          "global|(executors\\.)?resources\\.(requests|limits)\\.(cpu|ephemeral-storage)");

  @Test
  void everyValueHasItsCommentAsDescriptionInTheSchema() throws IOException {
    var comments = comments();
    var descriptions = descriptions();
    descriptions
        .keySet()
        .removeIf(key -> !comments.containsKey(key) && WITHOUT_DEFAULT.matcher(key).matches());

    assertThat(comments).hasSizeGreaterThan(80);
    assertThat(comments.values()).noneMatch(String::isBlank);
    assertThat(descriptions).containsExactlyInAnyOrderEntriesOf(comments);
  }

  @Test
  void unknownValueIsRefusedInEverySection() throws IOException {
    var open = new ArrayList<String>();
    visit(
        "",
        schema(),
        (path, node) -> {
          if (node.has("properties") && !isClosed(node)) {
            open.add(path);
          }
        });

    assertThat(open).isEmpty();
  }

  @Test
  void valuesThatTheGuideSetsExist() throws IOException {
    var guide = Files.readString(Path.of("deploy", "KUBERNETES.md"));
    var set = SET.matcher(guide).results().map(found -> found.group(1)).toList();

    assertThat(set).hasSizeGreaterThan(5);
    assertThat(descriptions().keySet()).containsAll(set);
  }

  /** Where names are the user's, their values have at least a type. */
  private static boolean isClosed(JsonNode section) {
    var further = section.path("additionalProperties");
    return further.isBoolean() ? !further.asBoolean() : further.has("type");
  }

  private static JsonNode schema() throws IOException {
    return new ObjectMapper().readTree(HelmChart.FOLDER.resolve("values.schema.json").toFile());
  }

  private static Map<String, String> descriptions() throws IOException {
    var descriptions = new TreeMap<String, String>();
    visit("", schema(), (path, node) -> descriptions.put(path, node.path("description").asText()));
    descriptions.remove("");
    return descriptions;
  }

  private interface Visitor {
    void visit(String path, JsonNode node);
  }

  private static void visit(String path, JsonNode node, Visitor visitor) {
    visitor.visit(path, node);
    node.path("properties")
        .properties()
        .forEach(property ->
            visit(
                path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                property.getValue(),
                visitor));
  }

  /** The comment above each key of values.yaml, by the path of the key. */
  private static Map<String, String> comments() throws IOException {
    var comments = new LinkedHashMap<String, String>();
    var path = new ArrayList<String>();
    var pending = new ArrayList<String>();
    for (var line : Files.readAllLines(HelmChart.FOLDER.resolve("values.yaml"))) {
      var comment = COMMENT.matcher(line);
      var key = KEY.matcher(line);
      if (comment.matches()) {
        pending.add(comment.group(1));
      } else if (key.matches()) {
        var depth = key.group(1).length() / INDENT;
        path.subList(depth, path.size()).clear();
        path.add(key.group(2));
        comments.put(String.join(".", path), String.join(" ", pending));
        pending.clear();
      } else {
        pending.clear();
      }
    }
    assertThat(comments.keySet()).containsExactlyInAnyOrderElementsOf(keys());
    return comments;
  }

  private static List<String> keys() throws IOException {
    var keys = new ArrayList<String>();
    collect("", new YAMLMapper().readTree(HelmChart.FOLDER.resolve("values.yaml").toFile()), keys);
    return keys;
  }

  private static void collect(String path, JsonNode values, List<String> keys) {
    values
        .properties()
        .forEach(value -> {
          keys.add(path + value.getKey());
          collect(path + value.getKey() + ".", value.getValue(), keys);
        });
  }
}
