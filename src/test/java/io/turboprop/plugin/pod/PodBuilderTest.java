package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.gson.JsonParser;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import flyteidl.admin.MatchableResourceOuterClass.TaskResourceAttributes;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.turboprop.data.DataReference;
import io.turboprop.plugin.EngineRecords.WorkflowResource;
import io.turboprop.plugin.TestingRecords;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each rule of pods is an entry of the files below {@code pod/rules}: settings and task, and what
 * comes out, by path. {@code pod/whole} holds a few whole pods.
 */
class PodBuilderTest {
  private static final YAMLMapper YAML = new YAMLMapper(new YAMLFactory());
  private static final List<String> GROUPS =
      List.of("source", "metadata", "variables", "resources", "scheduling", "templates", "secrets");

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void ruleHolds(String name, JsonNode rule) throws Exception {
    var attempt = attempt(rule.path("task"));
    var builder = builder(rule);

    if (rule.has("refused")) {
      assertThatThrownBy(() -> builder.build(attempt))
          .hasMessageContaining(rule.path("refused").asText());
      return;
    }
    var pod = yaml(builder, attempt);

    assertThat(rule.path("gives").properties()).isNotEmpty();
    for (var expected : rule.path("gives").properties()) {
      assertThat(at(pod, expected.getKey())).as(expected.getKey()).isEqualTo(expected.getValue());
    }
  }

  static Stream<Object[]> rules() throws IOException {
    var rules = new ArrayList<Object[]>();
    for (var group : GROUPS) {
      for (var rule : read("rules/" + group)) {
        rules.add(new Object[] {group + ": " + rule.path("rule").asText(), rule});
      }
    }
    return rules.stream();
  }

  @ParameterizedTest
  @ValueSource(strings = {"python-task", "raw-container", "sidecar-over-template"})
  void wholePodIsAsWritten(String name) throws Exception {
    var file = read("whole/" + name);

    assertThat(YAML.writeValueAsString(yaml(builder(file), attempt(file.path("task")))))
        .isEqualTo(YAML.writeValueAsString(file.path("pod")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void samePodIsEqualByteForByte(String name, JsonNode rule) throws Exception {
    if (rule.has("refused")) {
      return;
    }
    var first = KubernetesJson.of(builder(rule).build(attempt(rule.path("task"))));
    var second = KubernetesJson.of(builder(rule).build(attempt(rule.path("task"))));

    assertThat(second.toString()).isEqualTo(first.toString());
  }

  @Test
  void podCarriesNoOverhead() throws Exception {
    for (var rule : rules().map(row -> (JsonNode) row[1]).toList()) {
      if (!rule.has("refused")) {
        var pod = builder(rule).build(attempt(rule.path("task")));

        assertThat(KubernetesJson.of(pod).getAsJsonObject("spec").has("overhead")).isFalse();
      }
    }
  }

  private static JsonNode read(String name) throws IOException {
    try (var file = PodBuilderTest.class.getResourceAsStream("/pod/" + name + ".yaml")) {
      return YAML.readTree(file);
    }
  }

  private static PodBuilder builder(JsonNode rule) throws IOException {
    return new PodBuilder(
        PodPhasesTest.settings(rule.path("settings").asText("")),
        (namespace, name) ->
            Optional.of(rule.path("templates").path(namespace + "/" + name))
                .filter(JsonNode::isObject)
                .map(template ->
                    BasePodTemplate.of(
                        KubernetesJson.read(
                            JsonParser.parseString(template.toString()), V1PodTemplateSpec.class))),
        records(rule.path("records")),
        "http://10.0.0.1:8089",
        new DataReference("memory:///data"),
        rule.has("store") ? Map.of("FLYTE_AWS_ENDPOINT", "http://s3:9000") : Map.of(),
        Map.of("ENGINES", "own"));
  }

  /** The attributes of the task's project, and the resource of its execution. */
  private static TestingRecords records(JsonNode given) throws IOException {
    var records = new TestingRecords();
    var attributes = TaskResourceAttributes.newBuilder();
    merge(attributes, given.path("taskResources"));
    records.taskResources = attributes.build();
    if (given.has("resource")) {
      var resource = given.path("resource");
      records.resource =
          Optional.of(
              new WorkflowResource(
                  resource.path("kubeconfig").asText(),
                  resource.path("context").asText(),
                  resource.path("namespace").asText(),
                  "exec",
                  "0b1c"));
    }
    return records;
  }

  private static TestingAttempt attempt(JsonNode task) throws IOException {
    var attempt =
        new TestingAttempt(
            task.path("execution").asText("exec"),
            task.path("node").asText("n0"),
            task.path("attempt").asInt(0));
    var template = TaskTemplate.newBuilder();
    merge(template, task.path("template"));
    if (template.getType().isEmpty()) {
      template.setType("python-task");
    }
    if (!template.hasK8SPod() && !template.hasCustom()) {
      addContainer(template);
    }
    attempt.template =
        template.setId(TestingAttempt.identifier(ResourceType.TASK, "module.task")).build();
    var overrides = TaskNodeOverrides.newBuilder();
    merge(overrides, task.path("overrides"));
    attempt.overrides = overrides.build();
    var security = SecurityContext.newBuilder();
    merge(security, task.path("security"));
    attempt.security = security.build();
    attempt.environment = strings(task.path("environment"));
    attempt.labels = strings(task.path("labels"));
    attempt.annotations = strings(task.path("annotations"));
    attempt.interruptible = task.path("interruptible").asBoolean();
    return attempt;
  }

  private static void addContainer(TaskTemplate.Builder template) {
    var container = template.getContainerBuilder();
    if (container.getImage().isEmpty()) {
      container.setImage("image:1");
    }
    if (container.getArgsCount() + container.getCommandCount() == 0) {
      container.addArgs("run");
    }
  }

  private static void merge(Message.Builder builder, JsonNode json) throws IOException {
    if (json.isObject()) {
      JsonFormat.parser().merge(json.toString(), builder);
    }
  }

  private static Map<String, String> strings(JsonNode node) {
    var strings = new HashMap<String, String>();
    node.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return strings;
  }

  /** A pod without its empty lists and maps; an empty volume stays. */
  private static JsonNode yaml(PodBuilder builder, TestingAttempt attempt) throws Exception {
    var pod = YAML.readTree(KubernetesJson.of(builder.build(attempt)).toString());
    prune(pod);
    return pod;
  }

  private static void prune(JsonNode node) {
    node.forEach(PodBuilderTest::prune);
    if (node instanceof ObjectNode object) {
      var empty =
          object.properties().stream()
              .filter(field -> field.getValue().isContainerNode() && field.getValue().isEmpty())
              .map(Map.Entry::getKey)
              .filter(field -> !field.equals("emptyDir"))
              .toList();
      object.remove(empty);
    }
  }

  /** What is at a path such as {@code spec.containers.0.env}; missing is null. */
  private static JsonNode at(JsonNode pod, String path) {
    var node = pod.at("/" + path.replace("~", "~0").replace("/", "~1").replace(".", "/"));
    return node.isMissingNode() ? NullNode.getInstance() : node;
  }
}
