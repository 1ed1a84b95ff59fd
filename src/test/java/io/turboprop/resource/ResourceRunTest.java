package io.turboprop.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.compiler.ClosureDigest;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.node.TestingEngine;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Runs the workflow of a resource with the engine's entity and handlers, and a scripted plugin. */
final class ResourceRunTest {
  private static final TestingEngine ENGINE = new TestingEngine();

  @AfterAll
  static void stop() {
    ENGINE.close();
  }

  @Test
  void benchmarkRunsToSuccess() throws Exception {
    var plugin = new ScriptedPlugin();
    var events = run("benchmark", Resources.shared("benchmark_wf.yaml"), plugin);

    assertThat(phases(events)).containsExactly("Started", "Succeeding", "Succeeded");
    assertThat(plugin.ran())
        .containsExactlyInAnyOrder(
            "add-one-and-print",
            "add-one-and-print",
            "add-one-and-print",
            "add-one-and-print",
            "sum-non-none",
            "sum-and-print",
            "print-every-time")
        .endsWith("sum-and-print", "print-every-time");
  }

  @Test
  void benchmarkWithATaskThatFailsForGoodRunsItsFailureNodeAndFails() throws Exception {
    var plugin = new ScriptedPlugin("sum-non-none");
    var events = run("failing", Resources.shared("benchmark_wf.yaml"), plugin);

    assertThat(phases(events)).containsExactly("Started", "Failing", "Failed");
    assertThat(events.getLast())
        .isInstanceOfSatisfying(
            WorkflowEvent.Failed.class,
            failed -> assertThat(failed.error().code()).isEqualTo(ScriptedPlugin.FAILURE.code()));
    assertThat(plugin.ran())
        .endsWith("sum-non-none", "delete-cluster")
        .doesNotContain("sum-and-print", "print-every-time");
    assertThat(happenedTo("fn0", events)).containsExactly("NodeQueued", "NodeSucceeded");
  }

  @Test
  void everyKindOfNodeRuns() throws Exception {
    var plugin = new ScriptedPlugin();
    var events = run("every", Resources.everyKind(), plugin);

    assertThat(phases(events)).containsExactly("Started", "Succeeding", "Succeeded");
    assertThat(happenedTo("choice/0/choice-one", events)).contains("NodeSucceeded");
    assertThat(happenedTo("inner/0/n0", events)).contains("NodeSucceeded");
    assertThat(happenedTo("pause", events)).contains("NodeSucceeded");
    assertThat(happenedTo("many", events)).contains("NodeSucceeded");
    assertThat(plugin.ran()).hasSize(5);
  }

  @Test
  void afterAFailureTheFailureNodeRunsLast() throws Exception {
    var plugin = new ScriptedPlugin("add");
    var events = run("every-failing", Resources.everyKind(), plugin);

    assertThat(phases(events)).containsExactly("Started", "Failing", "Failed");
    assertThat(plugin.ran()).containsExactly("add", "clean-up");
    assertThat(happenedTo("clean", events)).containsExactly("NodeQueued", "NodeSucceeded");
  }

  private static List<WorkflowEvent> run(String name, JsonNode document, ScriptedPlugin plugin)
      throws MalformedResourceException {
    var resource = ResourceReader.read(document);
    var closure = ResourceClosure.of(resource);
    var digest = ClosureDigest.of(closure);
    var plans = new CompiledPlans(_ -> Optional.of(closure.toByteString()), 1);
    return ENGINE.run(
        new ExecutionId("p", "development", name),
        plans.get(digest),
        new Literals(inputs(resource)),
        ResourceOptions.of(resource),
        plugin);
  }

  /** The failure node of the benchmark reads an input that the resource does not hold. */
  private static LiteralMap inputs(FlyteWorkflow resource) {
    var name = Literal.newBuilder();
    name.getScalarBuilder().getPrimitiveBuilder().setStringValue("a cluster");
    return resource.inputs().orElseThrow().toBuilder().putLiterals("name", name.build()).build();
  }

  /**
   * The events of the execution itself, without its nodes; clients see {@code Started} as RUNNING.
   */
  private static List<String> phases(List<WorkflowEvent> events) {
    return events.stream()
        .filter(event -> !(event instanceof NodeEvent))
        .map(event -> event.getClass().getSimpleName())
        .toList();
  }

  private static List<String> happenedTo(String node, List<WorkflowEvent> events) {
    return events.stream()
        .filter(NodeEvent.class::isInstance)
        .map(NodeEvent.class::cast)
        .filter(event -> event.node().equals(new NodePath(node)))
        .map(event -> event.getClass().getSimpleName())
        .toList();
  }
}
