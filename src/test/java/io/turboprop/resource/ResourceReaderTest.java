package io.turboprop.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.util.JsonFormat;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.turboprop.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ResourceReaderTest {

  static Stream<Path> goldens() throws IOException {
    try (var files = Files.list(Shared.path("fixtures/compiler/k8s"))) {
      return files.sorted().toList().stream();
    }
  }

  @Test
  void theWorkflowIsWrittenAsItWasRead() throws MalformedResourceException {
    var document = Resources.everyKind();
    var resource = ResourceReader.read(document);
    assertWritten(resource.spec().orElseThrow(), document.get("spec"));
    assertWritten(resource.subWorkflows(), document.get("subWorkflows"));
    assertThat(resource.metadata().orElseThrow().namespace()).isEqualTo("p-development");
    assertThat(resource.inputs().orElseThrow().getLiteralsMap()).containsOnlyKeys("x");
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void aResourceOfFlyteIsWrittenAsItWasRead(Path golden) throws Exception {
    var document = Resources.tree(golden);
    var resource = ResourceReader.read(Files.readString(golden));
    assertWritten(resource.spec().orElseThrow(), document.get("spec"));
    assertWritten(resource.tasks(), document.get("tasks"));
  }

  @Test
  void aBranchIsWrittenAsItWasRead() throws Exception {
    var document = Resources.shared("branch.json");
    assertWritten(ResourceReader.part(document, NodeSpec.class), document);
  }

  @Test
  void upstreamsAreDerivedFromDeprecatedConnections() throws Exception {
    var connections = Resources.shared("connections.json");
    var document = JsonNodeFactory.instance.objectNode().set("connections", connections);
    var workflow = ResourceReader.part(document, WorkflowSpec.class);
    assertWritten(workflow, document);
    assertThat(workflow.edgesInEffect().upstream())
        .isEqualTo(
            Map.of(
                "n2", List.of("n1"),
                "n3", List.of("n1"),
                "n4", List.of("n2", "n3"),
                "n5", List.of("n4")));
  }

  @Test
  void theOptionsAreThoseOfAnExecution() throws Exception {
    var options = ExecutionSpec.newBuilder();
    JsonFormat.parser()
        .merge(
            """
            {"metadata": {"systemMetadata": {"namespace": "p-development"}},
             "labels": {"values": {"team": "red"}}, "annotations": {"values": {"note": "first"}},
             "securityContext": {"runAs": {"k8sServiceAccount": "runner"}},
             "rawOutputDataConfig": {"outputLocationPrefix": "mem://raw"},
             "maxParallelism": 7, "overwriteCache": true,
             "envs": {"values": [{"key": "COLOUR", "value": "blue"}]}}
            """,
            options);
    assertThat(ResourceOptions.of(ResourceReader.read(Resources.everyKind())))
        .isEqualTo(options.build());
  }

  @Test
  void anExecutionToRecoverMakesItARecovery() throws Exception {
    var document = Resources.everyKind();
    Resources.replace(
        document,
        "/executionConfig/RecoveryExecution",
        "{project: p, domain: development, name: earlier}");
    var options = ResourceOptions.of(ResourceReader.read(document));
    assertThat(options.getMetadata().getMode()).isEqualTo(ExecutionMode.RECOVERED);
    assertThat(options.getMetadata().getReferenceExecution().getName()).isEqualTo("earlier");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /kind                                      | "Pod"        | kind                                     | 'Pod' is not flyteworkflow
          /apiVersion                                | "v2"         | apiVersion                               | 'v2' is not flyte.lyft.com/v1alpha1
          /spec/nodes                                | []           | spec.nodes                               | Cannot deserialize
          /spec/nodes/step                           | null         | spec.nodes.step                          | null
          /spec/nodes/step/retry/minAttempts         | "often"      | spec.nodes.step.retry.minAttempts        | "often"
          /spec/nodes/step/inputBindings/0/binding   | {"scalar":1} | spec.nodes.step.inputBindings[0]         | is no Binding
          /spec/nodes/choice/branch/if               | {"then":"a"} | spec.nodes.choice.branch.if.condition    | Missing
          /spec/nodes/many/array                     | {}           | spec.nodes.many.array.SubNodeSpec        | Missing
          /tasks/add/metadata                        | {"timeout":"long"} | tasks.add                          | is no TaskTemplate
          """)
  void aWrongShapeIsRefusedWithItsPlace(String pointer, String value, String place, String reason)
      throws Exception {
    var document = Resources.everyKind();
    Resources.replace(document, pointer, value);
    assertThatExceptionOfType(MalformedResourceException.class)
        .isThrownBy(() -> ResourceReader.read(document))
        .satisfies(e -> {
          assertThat(e.problems()).hasSize(1);
          assertThat(e.problems().getFirst().place()).isEqualTo(place);
          assertThat(e.problems().getFirst().reason()).contains(reason);
        });
  }

  @ParameterizedTest
  @CsvSource({"'{', is no JSON", "[], is no JSON object", "'', is no JSON object"})
  void whatIsNoDocumentIsRefused(String text, String reason) {
    assertThatExceptionOfType(MalformedResourceException.class)
        .isThrownBy(() -> ResourceReader.read(text))
        .withMessageStartingWith(reason);
  }

  private static void assertWritten(Object part, JsonNode document) {
    var written = ResourceReader.write(part);
    assertThat(written.equals(ResourceReaderTest::compare, document))
        .as("%s\nwas\n%s", written, document)
        .isTrue();
  }

  /** Numbers are equal if their values are equal. */
  private static int compare(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.decimalValue().compareTo(other.decimalValue())
        : one.equals(other) ? 0 : 1;
  }
}
