package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespaceTemplatesTest {
  private static final String HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

  @TempDir Path folder;

  private NamespaceTemplates read(String file, String text) throws Exception {
    Files.writeString(folder.resolve(file), text);
    return NamespaceTemplates.read(folder);
  }

  @Test
  void documentsOfAllFilesAreTemplatesInOrder() throws Exception {
    read("b.yml", HEAD + "---\n" + HEAD.replace("ConfigMap", "Secret") + "---\n# nothing\n");
    read("ignored.txt", "no: template");
    var templates = read("a.yaml", HEAD.replace("ConfigMap", "Namespace"));

    assertThat(templates.all())
        .extracting(template -> template.kind().name() + " " + template.place())
        .containsExactly("Namespace a.yaml:1", "ConfigMap b.yml:1", "Secret b.yml:5");
    assertThat(templates.makeNamespace()).isTrue();
  }

  /** Values in quotes stay texts; others become what they look like, as in any YAML. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{{ x }}       | 5           | 5",
        "{{x}}         | 0.5         | 0.5",
        "{{ x }}       | true        | true",
        "{{ x }}       | 4Gi         | '\"4Gi\"'",
        "'\"{{ x }}\"' | 5           | '\"5\"'",
        "a-{{ x }}-b   | c           | '\"a-c-b\"'",
        "{{ x }}       | '{a: [b]}'  | '\"{a: [b]}\"'",
        "{{ x }}       | 'a\\$1'     | '\"a\\\\$1\"'",
        "'[\"{{ x }}\", {{ x }}]' | 7 | '[\"7\", 7]'",
        "'{ {{ x }}: 1 }' | k        | '{\"k\": 1}'",
        "0400          | ''          | 256",
        "null          | ''          | null",
      })
  void variablesGetTheirValues(String field, String value, String expected) throws Exception {
    var template = read("a.yaml", HEAD + "field: " + field).all().getFirst();

    assertThat(template.render(Map.of("x", value)).get("field"))
        .isEqualTo(JsonParser.parseString(expected));
  }

  @Test
  void valueAddsNoFieldsAndNoObjects() throws Exception {
    var template = read("a.yaml", HEAD + "field: {{ x }}\n").all().getFirst();

    var object = template.render(Map.of("x", "a\nkind: Secret\n---\nkind: Pod"));

    assertThat(object.get("kind").getAsString()).isEqualTo("ConfigMap");
    assertThat(object.keySet()).containsExactly("apiVersion", "kind", "metadata", "field");
  }

  @Test
  void variablesWithoutAValueAreNamed() throws Exception {
    var template = read("a.yaml", HEAD + "a: {{ one }}\nb: '{{two}}-{{ three }}'").all().getFirst();

    assertThat(template.missing(Map.of("two", "2"))).containsExactly("one", "three");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [b               | :1: expected ',' or ']'",
        "'a: b\n\tc: d'      | :2: found character '\\t(TAB)'",
        "just a text         | :1: it is no object of Kubernetes",
        "kind: Secret        | :1: it has no apiVersion",
        "'apiVersion: v1\nkind: {{ kind }}\nmetadata: {name: a}' | :1: it has no kind, or one with a variable",
        "'apiVersion: v1\nkind: Secret'              | :1: it has no metadata",
        "'apiVersion: v1\nkind: Secret\nmetadata: {}' | :3: it has no metadata.name",
        "'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  name: b' | :5: the key 'name' is there twice",
        "'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nspec: {{ range .x }}' | :4:",
        "'apiVersion: v1\nkind: Secret\nmetadata: {name: \"{{ range }\"}' | :3: '{{' without a variable",
      })
  void brokenTemplateIsRefusedAtTheStartWithItsPlace(String text, String problem)
      throws IOException {
    Files.writeString(folder.resolve("broken.yaml"), text);

    assertThatThrownBy(() ->
            PodPhasesTest.settings(
                "create-namespaces = true, namespace-templates.folder = \"" + folder + "\""))
        .isInstanceOf(ConfigException.BadValue.class)
        .hasMessageContaining("turboprop.plugins.pod.namespace-templates.folder")
        .hasMessageContaining(folder.resolve("broken.yaml") + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create-namespaces = false, namespace-templates.folder = /tmp | only applied where create-namespaces is true",
        "create-namespaces = true, namespace-templates.folder = /none | the folder /none cannot be read",
      })
  void folderThatIsNotUsedOrNotThereIsRefused(String settings, String problem) {
    assertThatThrownBy(() -> PodPhasesTest.settings(settings))
        .isInstanceOf(ConfigException.BadValue.class)
        .hasMessageContaining("turboprop.plugins.pod.namespace-templates.folder")
        .hasMessageContaining(problem);
  }
}
