package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Tasks.Resources.ResourceEntry;
import flyteidl.core.Tasks.Resources.ResourceName;
import flyteidl.core.Tasks.TaskTemplate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskCompilerTest {

  @Test
  void aTaskThatIsNoContainerIsForItsPlugin() {
    var template = withInputs();

    assertThat(TaskCompiler.compile(template.build()))
        .isEqualTo(new TaskResult.Compiled(task("a", Map.of("x", INTEGER), Map.of())));
  }

  @Test
  void aTaskNeedsAnId() {
    assertThat(errors(withInputs().clearId())).containsExactly("ValueRequired@task");
  }

  @Test
  void aContainerNeedsAnImageAndSomethingToCall() {
    var template = withInputs();
    template.getContainerBuilder();

    assertThat(errors(template))
        .containsExactly("ValueRequired@container", "ValueRequired@container");
  }

  @Test
  void aContainerWithoutVariablesNeedsNoCommand() {
    var template = withInputs().clearInterface();
    template.getContainerBuilder().setImage("alpine:3");

    assertThat(errors(template)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0.5", ".5", "100m", "1Gi", "2e3", "2E-3", "-1", "3k", "1E"})
  void aQuantityOfKubernetesIsAccepted(String quantity) {
    assertThat(errors(requesting(quantity))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "much", "1 Gi", "1Gib", "1K", "1..5", "Mi"})
  void anythingElseIsNot(String quantity) {
    assertThat(errors(requesting(quantity))).containsExactly("UnrecognizedValue@resources.MEMORY");
  }

  @ParameterizedTest
  @ValueSource(strings = {"primary", "a-1"})
  void aPodsContainerMayHaveADnsLabelAsName(String name) {
    assertThat(errors(podOf(name))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Primary", "a_1", "-a", "a-", "a.b"})
  void noOtherName(String name) {
    assertThat(errors(podOf(name))).containsExactly("InvalidValue@pod_spec.containers");
  }

  @Test
  void aPodsContainersAreAList() {
    var template = withInputs();
    template
        .getK8SPodBuilder()
        .getPodSpecBuilder()
        .putFields("containers", Value.newBuilder().setStringValue("a").build());

    assertThat(errors(template)).containsExactly("InvalidValue@pod_spec.containers");
  }

  private static TaskTemplate.Builder withInputs() {
    return task("a", Map.of("x", INTEGER), Map.of()).getTemplate().toBuilder();
  }

  private static TaskTemplate.Builder requesting(String memory) {
    var template = withInputs();
    template
        .getContainerBuilder()
        .setImage("alpine:3")
        .addArgs("true")
        .getResourcesBuilder()
        .addRequests(ResourceEntry.newBuilder().setName(ResourceName.MEMORY).setValue(memory));
    return template;
  }

  private static TaskTemplate.Builder podOf(String containerName) {
    var container =
        Value.newBuilder()
            .setStructValue(
                Struct.newBuilder()
                    .putFields("name", Value.newBuilder().setStringValue(containerName).build()));
    var template = withInputs();
    template
        .getK8SPodBuilder()
        .getPodSpecBuilder()
        .putFields(
            "containers",
            Value.newBuilder().setListValue(ListValue.newBuilder().addValues(container)).build());
    return template;
  }

  private static List<String> errors(TaskTemplate.Builder template) {
    return switch (TaskCompiler.compile(template.build())) {
      case TaskResult.Compiled _ -> List.of();
      case TaskResult.Rejected(var errors) ->
          errors.stream().map(error -> error.code().text() + "@" + error.nodeId()).toList();
    };
  }
}
