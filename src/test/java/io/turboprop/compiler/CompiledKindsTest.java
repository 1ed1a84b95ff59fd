package io.turboprop.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import io.turboprop.compiler.CompilerResult.Compiled;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workflows of every kind of node, as flytekit packages {@code kinds.py}, against golden files,
 * which hold the reviewed output of this compiler. {@code FlyteGoldensTest} compares with the
 * output of Flyte's own compiler, where Flyte's examples are available.
 *
 * <p>{@link #main} rewrites the golden files. A changed golden file is a changed contract, and its
 * commit explains the change.
 */
class CompiledKindsTest {
  private static final Path RESOURCES = Path.of("src/test/resources/io/turboprop/compiler");

  static Stream<String> names() throws Exception {
    return sources().workflows().stream().map(CompiledKindsTest::name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aWorkflowCompilesToItsGoldenFile(String name) throws Exception {
    var golden = CompiledWorkflowClosure.newBuilder();
    JsonFormat.parser().merge(Files.readString(resource("compiled/" + name + ".json")), golden);
    assertThat(closure(name)).isEqualTo(golden.build());
  }

  @ParameterizedTest
  @MethodSource("names")
  void aPlanFollowsFromTheClosure(String name) throws Exception {
    assertThat(plan(name)).isEqualTo(Files.readString(resource("compiled/" + name + ".txt")));
  }

  @Test
  void everyKindOfNodeIsAmongThem() throws Exception {
    var plans = new StringBuilder();
    for (var name : names().toList()) {
      plans.append(plan(name));
    }
    assertThat(NodeKind.class.getPermittedSubclasses())
        .extracting(Class::getSimpleName)
        .allSatisfy(kind -> assertThat(plans.toString()).contains(" " + kind + " "));
  }

  private static Sources sources() throws Exception {
    return SourceReader.read(List.of(resource("kinds.tgz")));
  }

  private static String name(Sources.Workflow workflow) {
    return workflow.template().getId().getName();
  }

  private static CompiledWorkflowClosure closure(String name) throws Exception {
    var sources = sources();
    var workflow =
        sources.workflows().stream()
            .filter(each -> name(each).equals(name))
            .findFirst()
            .orElseThrow();
    var result = WorkflowCompiler.compile(sources.sourceOf(workflow));
    assertThat(result).isInstanceOf(Compiled.class);
    return ((Compiled) result).closure();
  }

  /** A line for each node: its id, its kind, its policy, and its downstream nodes. */
  private static String plan(String name) throws Exception {
    var lines = new ArrayList<String>();
    describe(PlanBuilder.build("digest", closure(name)).root(), "", lines);
    return String.join("\n", lines) + "\n";
  }

  private static void describe(Graph graph, String indent, List<String> lines) {
    for (int number = 0; number < graph.size(); number++) {
      describe(graph, number, indent, lines);
    }
  }

  private static void describe(Graph graph, int number, String indent, List<String> lines) {
    var node = graph.node(number);
    var downstream =
        IntStream.range(0, graph.downstreamCount(number))
            .mapToObj(index -> graph.node(graph.downstream(number, index)).id())
            .toList();
    lines.add(indent + describe(node) + " -> " + new TreeSet<>(downstream));
    switch (node.kind()) {
      case NodeKind.SubWorkflow(_, var inner) -> describe(inner, indent + "  ", lines);
      case NodeKind.Branch branch -> describe(branch.arms(), indent + "  ", lines);
      case NodeKind.Array array -> lines.add(indent + "  " + describe(array.element()));
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.Task _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _ -> {}
    }
  }

  private static String describe(PlanNode node) {
    var policy = node.policy();
    return "%s %s attempts=%d timeout=%s interruptible=%s"
        .formatted(
            node.id(),
            node.kind().getClass().getSimpleName(),
            policy.attemptsMax(),
            policy.timeout().map(Object::toString).orElse("-"),
            policy.interruptible().map(Object::toString).orElse("-"));
  }

  private static Path resource(String name) throws URISyntaxException {
    var found = CompiledKindsTest.class.getResource(name);
    assertThat(found).as(name).isNotNull();
    return Path.of(found.toURI());
  }

  /** Writes all golden files; run it in the root folder of the project. */
  public static void main(String[] arguments) throws Exception {
    var printer = JsonFormat.printer().sortingMapKeys();
    for (var name : names().toList()) {
      write(name + ".json", printer.print(closure(name)) + "\n");
      write(name + ".txt", plan(name));
    }
  }

  private static void write(String name, String text) throws IOException {
    Files.writeString(RESOURCES.resolve("compiled").resolve(name), text);
  }
}
