package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.plugin.container.TaskSpecificationException;
import org.junit.jupiter.api.Test;

class ContainerSpecTest {
  private static final String POD =
      """
      {"containers": [
        {"name": "other", "args": ["no"]},
        {"name": "main", "image": "i", "command": ["sh"], "args": ["-c", "x"],
         "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {}}]}]}
      """;

  @Test
  void aPodIsItsPrimaryContainer() throws Exception {
    var template = TaskTemplate.newBuilder().setType("python-task");
    template.getK8SPodBuilder().setPodSpec(struct(POD));
    template.putConfig("primary_container_name", "main");

    var container = ContainerSpec.of(template.build());

    assertThat(container.commandLine()).containsExactly("sh", "-c", "x");
    assertThat(container.environment()).hasSize(1).containsEntry("A", "1");
    assertThat(container.image()).isEqualTo("i");
    assertThat(container.isRaw()).isFalse();
  }

  @Test
  void anOldSidecarHasItsPodAmongItsCustomFields() throws Exception {
    var custom = "{\"podSpec\": %s, \"primaryContainerName\": \"main\"}".formatted(POD);
    var template = TaskTemplate.newBuilder().setType("sidecar").setCustom(struct(custom));

    assertThat(ContainerSpec.of(template.build()).commandLine()).containsExactly("sh", "-c", "x");
  }

  @Test
  void aNewerSidecarsCustomFieldsAreItsPod() throws Exception {
    var template =
        TaskTemplate.newBuilder()
            .setType("sidecar")
            .setTaskTypeVersion(1)
            .setCustom(struct(POD))
            .putConfig("primary_container_name", "main");

    assertThat(ContainerSpec.of(template.build()).commandLine()).containsExactly("sh", "-c", "x");
  }

  @Test
  void aPodThatDoesNotSayWhichContainerIsWrong() throws Exception {
    var template = TaskTemplate.newBuilder().setType("python-task");
    template.getK8SPodBuilder().setPodSpec(struct(POD));

    assertThatThrownBy(() -> ContainerSpec.of(template.build()))
        .isInstanceOf(TaskSpecificationException.class)
        .hasMessageContaining("primary container");
  }

  private static Struct struct(String json) throws Exception {
    var struct = Struct.newBuilder();
    JsonFormat.parser().merge(json, struct);
    return struct.build();
  }
}
