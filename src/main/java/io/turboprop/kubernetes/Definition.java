package io.turboprop.kubernetes;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.yaml.snakeyaml.Yaml;

/** The CustomResourceDefinition of FlyteWorkflow, the same as that of the Helm chart. */
final class Definition {
  private Definition() {}

  static JsonObject read() {
    var file = Definition.class.getResourceAsStream("flyteworkflows.yaml");
    try (var reader = new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8)) {
      Object document = new Yaml().load(reader);
      return new Gson().toJsonTree(document).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
