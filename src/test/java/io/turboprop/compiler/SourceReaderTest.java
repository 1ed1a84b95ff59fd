package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.STRING;
import static io.turboprop.compiler.TestingDefinitions.id;
import static io.turboprop.compiler.TestingDefinitions.literal;
import static io.turboprop.compiler.TestingDefinitions.named;
import static io.turboprop.compiler.TestingDefinitions.string;
import static io.turboprop.compiler.TestingDefinitions.task;
import static io.turboprop.compiler.TestingDefinitions.taskNode;
import static io.turboprop.compiler.TestingDefinitions.typed;
import static io.turboprop.compiler.TestingDefinitions.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.TaskOuterClass.TaskCreateRequest;
import flyteidl.admin.TaskOuterClass.TaskSpec;
import flyteidl.admin.WorkflowOuterClass.WorkflowSpec;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.WorkflowClosureOuterClass.WorkflowClosure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceReaderTest {
  private static final TaskTemplate MAKE = task("make", Map.of(), Map.of()).getTemplate();

  @TempDir private Path folder;

  @Test
  void aMessageIsRecognisedInBinaryAndInJson() throws Exception {
    var spec = TaskSpec.newBuilder().setTemplate(MAKE).build();

    var sources =
        SourceReader.read(List.of(binary("a.pb", spec), json("b.json", spec), binary("c", spec)));

    assertThat(sources.tasks()).containsExactly(MAKE, MAKE, MAKE);
  }

  @Test
  void aClosureWithTasksIsNoWorkflowWithSubWorkflows() throws Exception {
    var closure =
        WorkflowClosure.newBuilder()
            .setWorkflow(workflow(taskNode("n0", "make")))
            .addTasks(MAKE)
            .build();
    var spec =
        WorkflowSpec.newBuilder()
            .setTemplate(workflow(taskNode("n0", "make")))
            .addSubWorkflows(named("sub", taskNode("n0", "make")))
            .build();

    var sources = SourceReader.read(List.of(binary("a.pb", closure), binary("b.pb", spec)));

    assertThat(sources.tasks()).containsExactly(MAKE);
    assertThat(sources.workflows())
        .extracting(workflow -> workflow.subWorkflows().size())
        .containsExactly(0, 1);
  }

  @Test
  void theIdOfTheRequestCounts() throws Exception {
    var request =
        TaskCreateRequest.newBuilder()
            .setId(MAKE.getId())
            .setSpec(TaskSpec.newBuilder().setTemplate(MAKE.toBuilder().clearId()))
            .build();

    assertThat(SourceReader.read(List.of(json("a.json", request))).tasks()).containsExactly(MAKE);
  }

  @Test
  void aMalformedFileIsNamed() throws IOException {
    var noJson = Files.writeString(folder.resolve("a.json"), "{");
    var noMessage = Files.writeString(folder.resolve("b.pb"), "no message");
    var noArchive = Files.writeString(folder.resolve("c.tgz"), "no archive");
    var other = Files.writeString(folder.resolve("d.json"), "{\"a\": 1}");
    var absent = folder.resolve("e.pb");

    for (var file : List.of(noJson, noMessage, noArchive, other, absent)) {
      assertThatThrownBy(() -> SourceReader.read(List.of(file)))
          .isInstanceOf(MalformedSourceException.class)
          .hasMessageStartingWith(file + ": ");
    }
  }

  @Test
  void theInterfaceOfALaunchPlanDerivesFromItsWorkflow() {
    var spec = LaunchPlanSpec.newBuilder();
    spec.getFixedInputsBuilder().putLiterals("fixed", literal(string("x")));
    spec.getDefaultInputsBuilder()
        .putParameters("may", Parameter.newBuilder().setDefault(literal(string("x"))).build());
    var typed =
        typed(Map.of("must", STRING, "may", STRING, "fixed", STRING), Map.of("o0", INTEGER));

    var plan =
        LaunchPlanInterface.derive(id(ResourceType.LAUNCH_PLAN, "plan"), spec.build(), typed);

    var expected = plan.expectedInputs();
    assertThat(expected.getParametersMap()).containsOnlyKeys("must", "may");
    assertThat(expected.getParametersOrThrow("must").getRequired()).isTrue();
    assertThat(expected.getParametersOrThrow("may").getRequired()).isFalse();
    assertThat(plan.expectedOutputs()).isEqualTo(typed.getOutputs());
  }

  private Path binary(String name, Message message) throws IOException {
    return Files.write(folder.resolve(name), message.toByteArray());
  }

  private Path json(String name, Message message) throws IOException {
    return Files.writeString(folder.resolve(name), JsonFormat.printer().print(message));
  }
}
