package io.turboprop.resource;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.turboprop.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** FlyteWorkflow documents for tests. */
final class Resources {
  /** Every JSON file is a valid YAML file. */
  private static final YAMLMapper YAML = new YAMLMapper();

  private Resources() {}

  /** A resource with every kind of node. */
  static JsonNode everyKind() {
    try (var bytes = Resources.class.getResourceAsStream("every-kind.yaml")) {
      return YAML.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the reference data; without it, the calling test is skipped. */
  static JsonNode shared(String file) throws IOException {
    return tree(Shared.path("fixtures/resource/" + file));
  }

  /** Puts a JSON value at the position of the pointer. */
  static void replace(JsonNode document, String pointer, String value) throws IOException {
    var place = JsonPointer.compile(pointer);
    var name = place.last().getMatchingProperty();
    switch (document.at(place.head())) {
      case ArrayNode array -> array.set(Integer.parseInt(name), YAML.readTree(value));
      case ObjectNode object -> object.set(name, YAML.readTree(value));
      case JsonNode other -> throw new IllegalArgumentException("no " + name + " in " + other);
    }
  }

  static JsonNode tree(Path file) throws IOException {
    return YAML.readTree(Files.readString(file));
  }
}
