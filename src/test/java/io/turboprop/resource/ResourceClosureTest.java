package io.turboprop.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Tasks.Resources.ResourceName;
import flyteidl.core.Workflow.TaskNodeOverrides;
import io.turboprop.compiler.ClosureDigest;
import io.turboprop.compiler.PlanBuilder;
import io.turboprop.resource.MalformedResourceException.Problem;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ResourceClosureTest {

  static Stream<Path> goldens() throws IOException {
    return ResourceReaderTest.goldens();
  }

  /** The resource was made from the closure, so both give the same plan. */
  @ParameterizedTest
  @MethodSource("goldens")
  void thePlanOfAResourceIsThatOfItsClosure(Path golden) throws Exception {
    var name = golden.getFileName().toString().replace("_wf_crd.json", "_wf.json");
    var given = CompiledWorkflowClosure.newBuilder();
    JsonFormat.parser()
        .merge(Files.readString(golden.resolveSibling("../compiled/" + name).normalize()), given);

    var closure = ResourceClosure.of(ResourceReader.read(Files.readString(golden)));

    assertThat(closure.getPrimary().getConnections())
        .isEqualTo(given.getPrimary().getConnections());
    assertThat(described(graph(closure))).isEqualTo(described(graph(given.build())));
    assertThat(closure.getPrimary().getTemplate().getOutputsList())
        .isEqualTo(given.getPrimary().getTemplate().getOutputsList());
  }

  @Test
  void resourceOfTheGuidesRunsTwoTasks() throws Exception {
    var resource = Resources.tree(Path.of("deploy/demo/execution.yaml"));

    assertThat(kinds(graph(ResourceClosure.of(ResourceReader.read(resource)))))
        .isEqualTo(Map.of("start-node", "Start", "n0", "Task", "n1", "Task", "end-node", "End"));
  }

  @Test
  void everyKindOfNodeBecomesThatOfThePlan() throws Exception {
    var graph = graph(everyKind());
    assertThat(kinds(graph))
        .isEqualTo(
            Map.of(
                "start-node", "Start",
                "step", "Task",
                "choice", "Branch",
                "inner", "SubWorkflow",
                "pause", "Gate",
                "many", "Array",
                "end-node", "End",
                "clean", "Task"));
    assertThat(graph.failurePolicy()).isEqualTo(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE);
    assertThat(graph.failureNode().map(number -> graph.node(number).id())).contains("clean");
    var branch = (NodeKind.Branch) node(graph, "choice").kind();
    assertThat(kinds(branch.arms()))
        .isEqualTo(Map.of("choice-big", "LaunchPlan", "choice-one", "Task"));
    assertThat(branch.failure().message()).isEqualTo("[UserProvidedError] neither");
    var array = (NodeKind.Array) node(graph, "many").kind();
    assertThat(array.parallelismMax()).hasValue(2);
    assertThat(array.successesMin()).isEmpty();
    assertThat(array.successRatioMin()).isEqualTo(0.5);
    assertThat(array.boundInputs()).containsExactly("other");
  }

  @Test
  void theLimitsOfANodeAreKept() throws Exception {
    var policy = node(graph(everyKind()), "step").policy();
    assertThat(policy.attemptsMax()).isEqualTo(3);
    assertThat(policy.timeout()).contains(Duration.ofSeconds(90));
    assertThat(policy.interruptible()).contains(false);
    assertThat(everyKind().getPrimary().getTemplate().getMetadataDefaults().getInterruptible())
        .isTrue();
  }

  @Test
  void overridesOfANodeAreKept() throws Exception {
    var task = (NodeKind.Task) node(graph(everyKind()), "step").kind();
    var overrides = TaskNodeOverrides.parseFrom(task.overrides().resources());
    assertThat(overrides.getContainerImage()).isEqualTo("image:2");
    assertThat(overrides.getResources().getRequestsList())
        .extracting(entry -> entry.getName() + "=" + entry.getValue())
        .containsExactly(ResourceName.CPU + "=2", ResourceName.GPU + "=1");
    assertThat(overrides.getResources().getLimitsList())
        .extracting(entry -> entry.getName() + "=" + entry.getValue())
        .containsExactly(ResourceName.MEMORY + "=1Gi");
  }

  @Test
  void aSubWorkflowWithDeprecatedConnectionsRunsToItsEnd() throws Exception {
    var inner = (NodeKind.SubWorkflow) node(graph(everyKind()), "inner").kind();
    assertThat(downstream(inner.graph(), "start-node")).containsExactly("n0");
    assertThat(downstream(inner.graph(), "n0")).containsExactly("end-node");
    assertThat(node(inner.graph(), "end-node").sources()).containsExactly("n0");
  }

  @Test
  void aResourceAlwaysHasTheSameDigest() throws Exception {
    assertThat(ClosureDigest.of(everyKind())).isEqualTo(ClosureDigest.of(everyKind()));
  }

  @Test
  void theFirstResourcesNameTheTaskOfTheFailureNodeByItsName() throws Exception {
    var closure = ResourceClosure.of(ResourceReader.read(Resources.shared("benchmark_wf.yaml")));
    var graph = graph(closure);
    var failureNode = graph.node(graph.failureNode().orElseThrow());
    assertThat(((NodeKind.Task) failureNode.kind()).task().name()).isEqualTo("delete-cluster");
    assertThat(downstream(graph, "sum-non-none-0"))
        .containsExactly("add-one-and-print-1", "sum-and-print-0");
    assertThat(downstream(graph, "print-every-time-0")).containsExactly("end-node");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /spec | null | spec: is missing
          /spec/nodes/step/task | "none" | spec.nodes.step.task: 'none' is not among the tasks
          /spec/nodes/step/id | "other" | spec.nodes.step.id: is 'other'
          /spec/nodes/step/kind | "job" | spec.nodes.step.kind: 'job' is no kind of node
          /spec/nodes/step/kind | "end" | spec.nodes.step.kind: 'end' is not that of step
          /spec/nodes/step/activeDeadline | "1m" | spec.nodes.step.activeDeadline: is not twice the executionDeadline
          /spec/nodes/pause/executionDeadline | "soon" | spec.nodes.pause.executionDeadline: 'soon' is no duration
          /spec/nodes/pause/executionDeadline | "9999999h" | spec.nodes.pause.executionDeadline: '9999999h' is no duration
          /spec/nodes/step/resources/limits | {"tpu": "1"} | spec.nodes.step.resources.limits: 'tpu' is no resource that a task can ask for
          /spec/nodes/choice/branch | null | spec.nodes.choice.branch: is missing
          /spec/nodes/choice/branch/else | "none" | spec.nodes.choice.branch: 'none' is no node that can be an arm
          /spec/nodes/choice/branch/else | "choice-one" | spec.nodes.choice.branch: 'choice-one' is an arm already
          /spec/nodes/choice/branch/else | "choice" | spec.nodes.choice: is an arm of itself
          /spec/nodes/inner/workflow | {"subWorkflowRef": "x"} | spec.nodes.inner.workflow.subWorkflowRef: 'x' is not among the sub-workflows
          /spec/nodes/inner/workflow | {} | spec.nodes.inner.workflow: is neither one launch plan nor one sub-workflow
          /spec/nodes/pause/gate/kind | "wait" | spec.nodes.pause.gate.kind: 'wait' is no kind of gate
          /spec/nodes/pause/gate/sleep | null | spec.nodes.pause.gate: says not what it waits for
          /spec/nodes/many/array | null | spec.nodes.many.array: is missing
          /spec/nodes/many/array/SubNodeSpec/task | "none" | spec.nodes.many.array.SubNodeSpec.task: 'none' is not among the tasks
          /spec/edges/downstream/pause | ["none"] | spec: 'none', connected to 'pause', is no node
          /spec/edges/downstream/many | ["inner"] | spec: the nodes wait for each other: many>inner>many
          /spec/nodes/start-node/kind | "task" | spec.nodes.start-node.kind: 'task' is not that of start-node
          /spec/nodes/choice/branch/else | "end-node" | spec.nodes.choice.branch: 'end-node' is no node that can be an arm
          /spec/nodes/choice-one | {"kind": "branch", "branch": {"if": {"condition": {}, "then": "choice-one"}}} | spec.nodes.choice-one: is an arm of itself
          /spec/nodes/many/array/SubNodeSpec | {"kind": "branch", "branch": {"if": {"condition": {}, "then": "many"}}} | spec.nodes.many: is an arm of itself
          /spec/nodes/many/array/SubNodeSpec/kind | "start" | spec.nodes.many.array.SubNodeSpec.kind: 'start' is no kind of node
          /spec/nodes/step/inputBindings/0/binding/promise/nodeId | "choice-one" | spec.nodes.step.inputBindings: 'in' reads 'choice-one', which is no node that can be read
          /spec/nodes/step/inputBindings/0/binding/promise/var | "a.b" | spec.nodes.step.inputBindings: 'in': 'a.b' names more than one output
          /spec/onFailure/id | "step" | spec.onFailure.id: 'step' is not its own
          /spec/onFailurePolicy | "HOPE" | spec.onFailurePolicy: 'HOPE' is no policy
          /subWorkflows/sub 1/nodes/n0 | {"kind": "workflow", "workflow": {"subWorkflowRef": "sub 1"}} | subWorkflows['sub 1']: refers to itself, or to others that never end
          /subWorkflows/sub 1/nodes/n1 | {"kind": "task", "task": "add"} | subWorkflows['sub 1']: no way leads from the start node to n1
          /tasks/clean-up/id | {"project": "p", "domain": "development", "name": "add", "version": "v1"} | tasks['clean-up'].id: is that of another task too
          """)
  void whatCannotRunIsRefusedWithItsPlace(String pointer, String value, String problem)
      throws Exception {
    var document = Resources.everyKind();
    Resources.replace(document, pointer, value);
    var resource = ResourceReader.read(document);
    assertThatExceptionOfType(MalformedResourceException.class)
        .isThrownBy(() -> ResourceClosure.of(resource))
        .satisfies(e -> assertThat(e.problems()).extracting(Problem::toString).contains(problem));
  }

  @Test
  void allProblemsAreReportedTogether() throws Exception {
    var document = Resources.everyKind();
    Resources.replace(document, "/spec/nodes/step/task", "\"none\"");
    Resources.replace(document, "/spec/onFailure/task", "\"none\"");
    ((ObjectNode) document.at("/spec/nodes")).remove("start-node");
    var resource = ResourceReader.read(document);
    assertThatExceptionOfType(MalformedResourceException.class)
        .isThrownBy(() -> ResourceClosure.of(resource))
        .satisfies(e ->
            assertThat(e.problems())
                .extracting(Problem::place)
                .contains("spec.nodes", "spec.nodes.step.task", "spec.onFailure.task"));
  }

  private static CompiledWorkflowClosure everyKind() throws MalformedResourceException {
    return ResourceClosure.of(ResourceReader.read(Resources.everyKind()));
  }

  private static Graph graph(CompiledWorkflowClosure closure) {
    return PlanBuilder.build("digest", closure).root();
  }

  private static PlanNode node(Graph graph, String id) {
    return graph.node(graph.find(id).orElseThrow());
  }

  private static List<String> downstream(Graph graph, String id) {
    int number = graph.find(id).orElseThrow();
    return IntStream.range(0, graph.downstreamCount(number))
        .mapToObj(index -> graph.node(graph.downstream(number, index)).id())
        .sorted()
        .toList();
  }

  private static Map<String, String> kinds(Graph graph) {
    var kinds = new TreeMap<String, String>();
    for (int number = 0; number < graph.size(); number++) {
      kinds.put(graph.node(number).id(), graph.node(number).kind().getClass().getSimpleName());
    }
    return kinds;
  }

  /** The whole content of a graph, in a comparable form. */
  private static Map<String, List<Object>> described(Graph graph) {
    var nodes = new TreeMap<String, List<Object>>();
    for (int number = 0; number < graph.size(); number++) {
      var node = graph.node(number);
      nodes.put(
          node.id(),
          List.of(
              node.name(),
              node.bindings(),
              node.policy(),
              downstream(graph, node.id()),
              node.kind() instanceof NodeKind.Branch branch
                  ? List.of(
                      branch.cases(),
                      branch.otherwise(),
                      branch.failure(),
                      described(branch.arms()))
                  : Optional.of(node.kind())));
    }
    return nodes;
  }
}
