package io.turboprop.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import flyteidl.admin.TaskOuterClass.TaskSpec;
import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Compiler.ConnectionSet;
import flyteidl.core.Literals.KeyValuePair;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.Node;
import flyteidl.core.WorkflowClosureOuterClass.WorkflowClosure;
import io.turboprop.Shared;
import io.turboprop.compiler.CompilerResult.Compiled;
import io.turboprop.compiler.CompilerResult.Rejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares with the output of Flyte's own compiler for the same definitions. */
class FlyteGoldensTest {

  static Stream<Path> taskGoldens() throws IOException {
    return files("fixtures/compiler/compiled", "_task.json");
  }

  static Stream<Path> workflowGoldens() throws IOException {
    return files("fixtures/compiler/compiled", "_wf.json");
  }

  static Stream<Path> branches() throws IOException {
    return files("fixtures/branch", ".json");
  }

  static Stream<Path> packages() throws IOException {
    return files("fixtures/packages", ".tgz");
  }

  static Stream<List<Path>> registeredExamples() throws IOException {
    try (var folders = Files.list(Shared.path("examples/registered"))) {
      var examples = new ArrayList<List<Path>>();
      for (var folder : folders.sorted().toList()) {
        try (var files = Files.list(folder)) {
          examples.add(files.filter(file -> !file.endsWith("index.json")).sorted().toList());
        }
      }
      return examples.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("taskGoldens")
  void aCompiledTaskEqualsThatOfFlyte(Path golden) throws IOException {
    var template = configured(taskTemplate(source(golden, "_task.json")));

    assertThat(TaskCompiler.compile(template))
        .isEqualTo(new TaskResult.Compiled(read(golden, CompiledTask.getDefaultInstance())));
  }

  @ParameterizedTest
  @MethodSource("workflowGoldens")
  void aCompiledClosureEqualsThatOfFlyte(Path golden) throws IOException {
    var closure = WorkflowClosure.parseFrom(Files.readAllBytes(source(golden, "_wf.json")));
    var tasks = new ArrayList<TaskTemplate>();
    for (var file : files("fixtures/compiler", "_1.pb").toList()) {
      tasks.add(configured(taskTemplate(file)));
    }

    assertThat(compile(new Sources(tasks, List.of(alone(closure)), List.of())))
        .containsExactly(new Compiled(read(golden, CompiledWorkflowClosure.getDefaultInstance())));
  }

  @ParameterizedTest
  @MethodSource("branches")
  void everyNodeWithAPromiseIsConnectedAlsoInBranches(Path file) throws IOException {
    var closure = read(file, WorkflowClosure.getDefaultInstance());

    var primary =
        closure(new Sources(closure.getTasksList(), List.of(alone(closure)), List.of()))
            .getPrimary();

    var bound =
        withArms(primary.getTemplate().getNodesList())
            .filter(
                node -> node.getInputsList().stream().anyMatch(i -> i.getBinding().hasPromise()))
            .map(Node::getId)
            .collect(Collectors.toSet());
    assertThat(bound).isNotEmpty();
    assertThat(primary.getConnections().getUpstreamMap())
        .containsKeys(bound.toArray(String[]::new));
  }

  @Test
  void aRealWorkflowCompilesAndItsDigestIsAlwaysTheSame() throws Exception {
    var file = Shared.path("fixtures/resource/large-workflow.json");

    var first = closure(SourceReader.read(List.of(file)));
    var second = closure(SourceReader.read(List.of(file)));

    assertThat(first.getPrimary().getTemplate().getNodesCount()).isEqualTo(9);
    assertThat(ClosureDigest.of(second)).isEqualTo(ClosureDigest.of(first));
  }

  @Test
  void compilingACompiledClosureChangesNothing() throws Exception {
    var file =
        Shared.path("fixtures/compiler/compiled/140_core.flyte_basics.shell_task.wf_2_wf.json");
    assertThat(closure(SourceReader.read(List.of(file))))
        .isEqualTo(read(file, CompiledWorkflowClosure.getDefaultInstance()));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageCompilesUnlessItIsBad(Path file) throws Exception {
    var errors =
        compile(SourceReader.read(List.of(file))).stream()
            .filter(Rejected.class::isInstance)
            .map(Rejected.class::cast)
            .flatMap(rejected -> rejected.errors().stream())
            .map(CompilerError::code)
            .toList();

    if (file.getFileName().toString().startsWith("bad")) {
      assertThat(errors).containsOnly(ErrorCode.MISMATCHING_TYPES);
    } else {
      assertThat(errors).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("registeredExamples")
  void whatClientsRegisterCompiles(List<Path> files) throws Exception {
    assertThat(compile(SourceReader.read(files)))
        .allSatisfy(result -> assertThat(result).isInstanceOf(Compiled.class));
  }

  @Test
  void anArmMayWaitForANodeOfItsWorkflowThatHasTheSameLocalName() throws Exception {
    var folder = Shared.path("examples/registered/branching");
    var files =
        Stream.of("nested_wf.workflow", "half.task", "label.task", "describe.task")
            .map(name -> folder.resolve(name + ".json"))
            .toList();

    var connections = closure(SourceReader.read(files)).getPrimary().getConnections();

    assertThat(edges(connections))
        .contains("n1-n0 <- [n0]", "n1-n0-n2 <- [n0]", "n1 <- [start-node]");
    assertThat(connections.getDownstreamMap()).doesNotContainKeys("n1-n0", "n1-n0-n2");
  }

  private static Set<String> edges(ConnectionSet connections) {
    return connections.getUpstreamMap().entrySet().stream()
        .map(entry -> entry.getKey() + " <- " + entry.getValue().getIdsList())
        .collect(Collectors.toSet());
  }

  private static List<CompilerResult> compile(Sources sources) {
    return sources.workflows().stream()
        .map(workflow -> WorkflowCompiler.compile(sources.sourceOf(workflow)))
        .toList();
  }

  private static CompiledWorkflowClosure closure(Sources sources) {
    var result = compile(sources).getFirst();
    assertThat(result).isInstanceOf(Compiled.class);
    return ((Compiled) result).closure();
  }

  private static Sources.Workflow alone(WorkflowClosure closure) {
    return new Sources.Workflow(closure.getWorkflow(), List.of());
  }

  private static Stream<Node> withArms(List<Node> nodes) {
    return nodes.stream()
        .flatMap(
            node -> Stream.concat(Stream.of(node), withArms(Nodes.arms(node.getBranchNode()))));
  }

  private static TaskTemplate taskTemplate(Path file) throws IOException {
    return TaskSpec.parseFrom(Files.readAllBytes(file)).getTemplate();
  }

  /** The golden files were made from container tasks with three more entries of configuration. */
  private static TaskTemplate configured(TaskTemplate template) {
    if (!template.hasContainer()) {
      return template;
    }
    var entries =
        IntStream.rangeClosed(1, 3)
            .mapToObj(i ->
                KeyValuePair.newBuilder().setKey("testKey" + i).setValue("testValue" + i).build())
            .toList();
    var configured = template.toBuilder();
    configured.getContainerBuilder().addAllConfig(entries);
    return configured.build();
  }

  private static Path source(Path golden, String suffix) {
    var name = golden.getFileName().toString();
    return Shared.path("fixtures/compiler")
        .resolve(name.substring(0, name.length() - suffix.length()) + ".pb");
  }

  private static Stream<Path> files(String folder, String suffix) throws IOException {
    try (var files = Files.list(Shared.path(folder))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList().stream();
    }
  }

  @SuppressWarnings("unchecked") // a builder builds its own kind of message
  private static <M extends Message> M read(Path file, M kind) throws IOException {
    var builder = kind.newBuilderForType();
    JsonFormat.parser().merge(Files.readString(file), builder);
    return (M) builder.build();
  }
}
