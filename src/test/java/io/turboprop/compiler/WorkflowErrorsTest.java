package io.turboprop.compiler;

import static io.turboprop.compiler.TestingBranches.branch;
import static io.turboprop.compiler.TestingBranches.compare;
import static io.turboprop.compiler.TestingBranches.otherwise;
import static io.turboprop.compiler.TestingBranches.when;
import static io.turboprop.compiler.TestingDefinitions.*;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Interface.Parameter;
import flyteidl.core.Interface.ParameterMap;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.LiteralOffloadedMetadata;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.PromiseAttribute;
import flyteidl.core.Workflow.Alias;
import flyteidl.core.Workflow.ArrayNode;
import flyteidl.core.Workflow.GateNode;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.TaskNode;
import flyteidl.core.Workflow.WorkflowNode;
import flyteidl.core.Workflow.WorkflowTemplate;
import io.turboprop.compiler.CompilerResult.Compiled;
import io.turboprop.compiler.CompilerResult.Rejected;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests each way in which a workflow can be invalid, and all errors that result. */
class WorkflowErrorsTest {
  private static final LiteralType MODEL = dataclass(Map.of("size", INTEGER));

  private static final List<CompiledTask> TASKS =
      List.of(
          task("make", Map.of(), Map.of("o0", INTEGER)),
          task("name", Map.of(), Map.of("o0", STRING)),
          task("step", Map.of("a", INTEGER), Map.of("o0", INTEGER)),
          task("join", Map.of("names", list(STRING)), Map.of("o0", STRING)),
          task("table", Map.of("rows", map(INTEGER)), Map.of()),
          task("paint", Map.of("colour", oneOf("red", "blue")), Map.of()),
          task("maybe", Map.of("a", union(INTEGER, NONE)), Map.of()),
          task("either", Map.of("a", union(list(INTEGER), list(union(INTEGER, NONE)))), Map.of()),
          task("train", Map.of(), Map.of("o0", MODEL)));

  private static final LaunchPlanInterface PLAN =
      new LaunchPlanInterface(
          id(ResourceType.LAUNCH_PLAN, "plan"),
          ParameterMap.newBuilder()
              .putParameters("must", parameter(true))
              .putParameters("may", parameter(false))
              .build(),
          variables(Map.of("o0", INTEGER)));

  private record Row(String name, WorkflowTemplate workflow, List<String> expected) {
    Row expect(String... errors) {
      return new Row(name, workflow, List.of(errors));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, Node.Builder... nodes) {
    return row(name, workflow(nodes));
  }

  private static Row row(String name, WorkflowTemplate workflow) {
    return new Row(name, workflow, List.of());
  }

  static Stream<Row> graphs() {
    return Stream.of(
        row(
            "a chain compiles",
            taskNode("n0", "make"),
            taskNode("n1", "step", promise("a", "n0", "o0"))),
        row("no nodes").expect("NoNodesFound@start-node"),
        row(
                "two nodes that wait for each other, after a third",
                taskNode("n0", "make").addUpstreamNodeIds("n1"),
                taskNode("n1", "make").addUpstreamNodeIds("n0").addUpstreamNodeIds("n2"),
                taskNode("n2", "make"))
            .expect("CycleDetected@n1"),
        row("a node that waits for itself", taskNode("n0", "make").addUpstreamNodeIds("n0"))
            .expect("UnreachableNodes@start-node"),
        row("an unknown upstream node", taskNode("n0", "make").addUpstreamNodeIds("n9"))
            .expect("NodeReferenceNotFound@n0"),
        row("a node without id", taskNode("", "make")).expect("ValueRequired@"),
        row("a node whose id climbs", taskNode("../n0", "make")).expect("InvalidValue@../n0"),
        row("a node whose id is a folder", taskNode("..", "make")).expect("InvalidValue@.."),
        row("a node whose id has a NUL", taskNode("n\0", "make")).expect("InvalidValue@n\0"),
        row("a node without target", node("n0")).expect("ValueRequired@n0"),
        row("two nodes of one id", taskNode("n0", "make"), taskNode("n0", "name"))
            .expect("ValueCollision@n0"),
        row("a node that is given twice", taskNode("n0", "make"), taskNode("n0", "make")),
        row("a node with the id of the start node", taskNode("start-node", "make"))
            .expect("ValueCollision@start-node"),
        row(
                "a node with the id of the end node",
                taskNode("n0", "make"),
                taskNode("end-node", "make"))
            .expect("ValueCollision@end-node"),
        row("a start node of an earlier compilation", node("start-node"), taskNode("n0", "make")),
        row(
                "a failure node with the id of a node",
                workflow(taskNode("n0", "make")).toBuilder()
                    .setFailureNode(taskNode("n0", "make"))
                    .build())
            .expect("ValueCollision@n0"),
        row(
                "a failure node with the id of the end node",
                workflow(taskNode("n0", "make")).toBuilder()
                    .setFailureNode(taskNode("end-node", "make"))
                    .build())
            .expect("ValueCollision@end-node"),
        row(
                "two arms that are the same node",
                branch(
                    "n0",
                    when(compare(1, 1), taskNode("a", "make")),
                    otherwise(taskNode("a", "make"))))
            .expect("ValueCollision@n0-a"),
        row(
                "a node named like an arm",
                branch(
                    "n0",
                    when(compare(1, 1), taskNode("a", "make")),
                    otherwise(taskNode("b", "make"))),
                taskNode("n0-a", "name"))
            .expect("ValueCollision@n0-a"),
        row("a negative timeout of mixed signs", withTimeout(taskNode("n0", "make")))
            .expect("SyntaxError@n0"),
        row("a workflow without id", workflow(taskNode("n0", "make")).toBuilder().clearId().build())
            .expect("ValueRequired@start-node"),
        row(
                "an input without type",
                workflow(taskNode("n0", "make")).toBuilder()
                    .setInterface(typed(Map.of("x", LiteralType.getDefaultInstance()), Map.of()))
                    .build())
            .expect("ValueRequired@start-node"));
  }

  static Stream<Row> references() {
    return Stream.of(
        row("an unknown task", taskNode("n0", "gone")).expect("TaskReferenceNotFound@start-node"),
        row("an unknown launch plan", launchPlanNode("n0", "gone"))
            .expect("WorkflowReferenceNotFound@start-node"),
        row("an unknown sub-workflow", subWorkflowNode("n0", "gone"))
            .expect("WorkflowReferenceNotFound@n0"),
        row("a task node without task", withoutTask()).expect("ValueRequired@n0"),
        row("a workflow node without workflow", withoutWorkflow())
            .expect("WorkflowReferenceNotFound@n0"),
        row(
            "a launch plan's optional input need not be bound",
            launchPlanNode("n0", "plan", bind("must", 1))),
        row("it may be bound", launchPlanNode("n0", "plan", bind("must", 1), bind("may", 1))),
        row("but then to its type", launchPlanNode("n0", "plan", bind("must", 1), bind("may", "1")))
            .expect("MismatchingTypes@n0"),
        row("a required input of a launch plan", launchPlanNode("n0", "plan"))
            .expect("ParameterNotBound@n0"));
  }

  static Stream<Row> bindings() {
    return Stream.of(
        row("an input is missing", taskNode("n0", "step")).expect("ParameterNotBound@n0"),
        row("an optional input is missing", taskNode("n0", "maybe")),
        row("an input is bound twice", taskNode("n0", "step", bind("a", 1), bind("a", 2)))
            .expect("ParameterBoundMoreThanOnce@n0"),
        row("there is no such input", taskNode("n0", "make", bind("b", 1)))
            .expect("VariableNameNotFound@n0"),
        row("a value of the wrong type", taskNode("n0", "step", bind("a", "1")))
            .expect("MismatchingTypes@n0"),
        row(
                "a promise of the wrong type",
                taskNode("n0", "name"),
                taskNode("n1", "step", promise("a", "n0", "o0")))
            .expect("MismatchingTypes@n1"),
        row("a promise of a workflow's input", taskNode("n0", "step", promise("a", "", "x"))),
        row("an element of an input", taskNode("n0", "paint", promise("colour", "", "[2].names"))),
        row("an element of what is no list", taskNode("n0", "step", promise("a", "", "[0].x")))
            .expect("MismatchingTypes@n0", "ParameterNotBound@n0"),
        row("a promise of an unknown node", taskNode("n0", "step", promise("a", "n9", "o0")))
            .expect("NodeReferenceNotFound@n0", "ParameterNotBound@n0"),
        row(
                "a promise of an unknown output",
                taskNode("n0", "make"),
                taskNode("n1", "step", promise("a", "n0", "o9")))
            .expect("VariableNameNotFound@n1", "ParameterNotBound@n1"),
        row(
                "a promise whose variable cannot be read",
                taskNode("n0", "step", promise("a", "", "x-y")))
            .expect("SyntaxError@n0", "ParameterNotBound@n0"),
        row(
                "a binding without value",
                node("n0", promise("a", "", "x").toBuilder().clearBinding().build())
                    .setTaskNode(taskNode("", "step").getTaskNode()))
            .expect("ValueRequired@n0", "ParameterNotBound@n0"),
        row("an empty binding", taskNode("n0", "step", bind("a", BindingData.getDefaultInstance())))
            .expect("ParameterNotBound@n0"),
        row(
                "a binding to an empty scalar",
                taskNode("n0", "step", bind("a", data(Scalar.getDefaultInstance()))))
            .expect("ParameterNotBound@n0"),
        row(
                "a binding to a scalar of unknown type",
                taskNode(
                    "n0",
                    "step",
                    bind(
                        "a", data(Scalar.newBuilder().setBlob(Blob.getDefaultInstance()).build()))))
            .expect("UnrecognizedValue@n0"),
        row(
                "an offloaded literal",
                taskNode(
                    "n0",
                    "step",
                    bind(
                        "a",
                        BindingData.newBuilder()
                            .setOffloadedMetadata(LiteralOffloadedMetadata.getDefaultInstance())
                            .build())))
            .expect("MismatchingBindings@n0"),
        row("a list where none is expected", taskNode("n0", "step", bind("a", listOf())))
            .expect("MismatchingBindings@n0"),
        row("a list where a map is expected", taskNode("n0", "table", bind("rows", listOf())))
            .expect("MismatchingBindings@n0"),
        row(
                "a list with one wrong element",
                taskNode("n0", "join", bind("names", listOf(data(string("a")), data(integer(1))))))
            .expect("MismatchingTypes@n0"),
        row("an empty list", taskNode("n0", "join", bind("names", listOf()))),
        row("a value of an enum", taskNode("n0", "paint", bind("colour", "red"))),
        row("no value of an enum", taskNode("n0", "paint", bind("colour", "green")))
            .expect("IllegalEnumValue@n0"),
        row(
                "a list that fits two variants of a union",
                taskNode("n0", "either", bind("a", listOf(data(integer(1))))))
            .expect("AmbiguousBindingUnionValue@n0"),
        row(
            "a list that fits one variant of a union",
            taskNode("n0", "either", bind("a", listOf(data(none()))))),
        row(
                "a list that fits no variant of a union",
                taskNode("n0", "either", bind("a", listOf(data(string("a"))))))
            .expect("IncompatibleBindingUnionValue@n0"),
        row(
            "a field of a dataclass",
            taskNode("n0", "train"),
            taskNode("n1", "step", field("a", "size"))),
        row(
                "no field of a dataclass",
                taskNode("n0", "train"),
                taskNode("n1", "step", field("a", "colour")))
            .expect("FieldNotFound@n1", "ParameterNotBound@n1"),
        row(
            "an output under its alias",
            taskNode("n0", "make").addOutputAliases(alias("o0", "count")),
            taskNode("n1", "step", promise("a", "n0", "count"))),
        row(
                "two aliases of one output",
                taskNode("n0", "make")
                    .addOutputAliases(alias("o0", "a"))
                    .addOutputAliases(alias("o0", "b")))
            .expect("DuplicateAlias@n0"),
        row("an alias of no output", taskNode("n0", "make").addOutputAliases(alias("o9", "a")))
            .expect("ParameterNotBound@n0"),
        row(
                "a workflow's output that is not bound",
                workflow(taskNode("n0", "make")).toBuilder()
                    .setInterface(typed(Map.of(), Map.of("o0", INTEGER)))
                    .build())
            .expect("ParameterNotBound@end-node"),
        row(
                "a workflow's output of the wrong type",
                workflow(taskNode("n0", "name")).toBuilder()
                    .setInterface(typed(Map.of(), Map.of("o0", INTEGER)))
                    .addOutputs(promise("o0", "n0", "o0"))
                    .build())
            .expect("MismatchingTypes@end-node"),
        row(
                "several errors at once",
                taskNode("n0", "step"),
                taskNode("n1", "step", bind("a", "1"), bind("b", 1)))
            .expect("ParameterNotBound@n0", "MismatchingTypes@n1", "VariableNameNotFound@n1"),
        row(
                "what is wrong with a failure node",
                workflow(taskNode("n0", "make")).toBuilder()
                    .setFailureNode(taskNode("fn0", "step"))
                    .build())
            .expect("ParameterNotBound@fn0"));
  }

  static Stream<Row> gatesAndArrays() {
    return Stream.of(
        row("a gate without condition", emptyGate(node("n0"))).expect("NoConditionFound@n0"),
        row("a signal without anything", emptySignal())
            .expect("ValueRequired@n0", "ValueRequired@n0", "ValueRequired@n0"),
        row(
            "an approval passes its inputs on",
            approve("n0", promise("y", "", "x")),
            taskNode("n1", "step", promise("a", "n0", "y"))),
        row(
                "with their types",
                approve("n0", promise("y", "", "names")),
                taskNode("n1", "step", promise("a", "n0", "y")))
            .expect("MismatchingTypes@n1"),
        row(
                "approvals in a circle",
                approve("n0", promise("y", "n1", "y")),
                approve("n1", promise("y", "n0", "y")))
            .expect(
                "CycleDetected@n1",
                "ParameterNotBound@n0",
                "ParameterNotBound@n1",
                "UnreachableNodes@start-node"),
        row("a sleep", sleep("n0")),
        row("an array without sub-node", emptyArray()).expect("ValueRequired@n0"),
        row("an array has the interface of its sub-node", array(false, bind("a", 1))),
        row(
            "an array of an unwrapped task takes lists",
            array(true, bind("a", listOf(data(integer(1)))))),
        row("and no single values", array(true, bind("a", 1))).expect("MismatchingTypes@n0"));
  }

  @ParameterizedTest
  @MethodSource({"graphs", "references", "bindings", "gatesAndArrays"})
  void everyErrorIsFound(Row row) {
    assertThat(codes(compile(row.workflow()))).containsExactlyElementsOf(row.expected());
  }

  @Test
  void everyCodeHasARow() {
    var expected =
        Stream.concat(
                Stream.of(graphs(), references(), bindings(), gatesAndArrays())
                    .flatMap(rows -> rows)
                    .flatMap(row -> row.expected().stream()),
                BranchTest.rows().flatMap(row -> row.expected().stream()))
            .map(error -> error.substring(0, error.indexOf('@')))
            .collect(Collectors.toSet());
    // Found in what is around a graph; the tests below say how.
    expected.add(ErrorCode.DUPLICATE_ID.text());
    assertThat(ErrorCode.values())
        .extracting(ErrorCode::text)
        .allSatisfy(code -> assertThat(expected).contains(code));
  }

  @Test
  void anErrorIsRenderedInFlytesForm() {
    var errors = errors(compile(workflow(taskNode("n0", "step", bind("a", "1")))));

    assertThat(CompilerError.render(errors))
        .isEqualTo(
            "Code: MismatchingTypes, Node Id: n0, Description: input [a] expects INTEGER, but is"
                + " bound to STRING");
  }

  @Test
  void aSubWorkflowThatContainsItselfIsRefused() {
    var primary = workflow(subWorkflowNode("n0", "inner"));
    var inner = named("inner", subWorkflowNode("n1", "innermost"));
    var innermost = named("innermost", subWorkflowNode("n2", "inner"));

    var errors = errors(compile(primary, inner, innermost));

    assertThat(errors).extracting(CompilerError::code).containsExactly(ErrorCode.CYCLE_DETECTED);
    assertThat(errors.getFirst().nodeId()).isEqualTo("n2");
    assertThat(errors.getFirst().description())
        .contains("inner:v1 > flytesnacks:development:innermost:v1 > ");
  }

  @Test
  void aWorkflowThatContainsItselfIsRefused() {
    var primary = workflow(subWorkflowNode("n0", "main"));

    assertThat(codes(compile(primary, primary))).containsExactly("CycleDetected@n0");
  }

  @Test
  void aSubWorkflowGivenTwiceIsRefused() {
    var inner = named("inner", taskNode("n0", "make"));

    assertThat(codes(compile(workflow(taskNode("n0", "make")), inner, inner)))
        .containsExactly("DuplicateId@start-node");
  }

  @Test
  void anErrorInASubWorkflowIsReportedOnce() {
    var inner = named("inner", taskNode("i0", "step"));
    var primary =
        workflow(
            subWorkflowNode("n0", "inner", bind("x", 1), promise("names", "", "names")),
            subWorkflowNode("n1", "inner", bind("x", 2), promise("names", "", "names")));

    assertThat(codes(compile(primary, inner))).containsExactly("ParameterNotBound@i0");
  }

  @Test
  void anUnusedSubWorkflowStaysUnchanged() {
    var unused = named("unused", taskNode("n0", "step"));

    var result = compile(workflow(taskNode("n0", "make")), unused);

    assertThat(((Compiled) result).closure().getSubWorkflowsList())
        .singleElement()
        .satisfies(workflow -> assertThat(workflow.getTemplate()).isEqualTo(unused))
        .satisfies(workflow -> assertThat(workflow.hasConnections()).isFalse());
  }

  @Test
  void aChainOfTenThousandNodesCompiles() {
    var nodes = new Node.Builder[10_000];
    nodes[0] = taskNode("n0", "make");
    for (int i = 1; i < nodes.length; i++) {
      nodes[i] = taskNode("n" + i, "step", promise("a", "n" + (i - 1), "o0"));
    }

    assertThat(compile(workflow(nodes))).isInstanceOf(Compiled.class);
  }

  private static CompilerResult compile(WorkflowTemplate primary, WorkflowTemplate... subs) {
    return WorkflowCompiler.compile(
        new WorkflowSource(primary, List.of(subs), TASKS, List.of(PLAN)));
  }

  private static List<CompilerError> errors(CompilerResult result) {
    return switch (result) {
      case Compiled _ -> List.of();
      case Rejected(var errors) -> errors;
    };
  }

  private static List<String> codes(CompilerResult result) {
    return errors(result).stream()
        .map(error -> error.code().text() + "@" + error.nodeId())
        .toList();
  }

  private static Parameter parameter(boolean required) {
    return Parameter.newBuilder()
        .setVar(Variable.newBuilder().setType(INTEGER))
        .setRequired(required)
        .build();
  }

  private static Node.Builder withTimeout(Node.Builder node) {
    node.getMetadataBuilder().getTimeoutBuilder().setSeconds(1).setNanos(-1);
    return node;
  }

  private static Node.Builder withoutTask() {
    return node("n0").setTaskNode(TaskNode.getDefaultInstance());
  }

  private static Node.Builder withoutWorkflow() {
    return node("n0").setWorkflowNode(WorkflowNode.getDefaultInstance());
  }

  private static Node.Builder emptyGate(Node.Builder node) {
    return node.setGateNode(GateNode.getDefaultInstance());
  }

  private static Node.Builder emptySignal() {
    var node = node("n0");
    node.getGateNodeBuilder().getSignalBuilder();
    return node;
  }

  private static Node.Builder emptyArray() {
    return node("n0").setArrayNode(ArrayNode.getDefaultInstance());
  }

  private static Node.Builder array(boolean originalInterface, Binding... inputs) {
    var node = node("n0", inputs);
    node.getArrayNodeBuilder().setNode(taskNode("inner", "step"));
    node.getArrayNodeBuilder().getIsOriginalSubNodeInterfaceBuilder().setValue(originalInterface);
    return node;
  }

  private static Alias alias(String output, String alias) {
    return Alias.newBuilder().setVar(output).setAlias(alias).build();
  }

  private static Binding field(String input, String field) {
    var data = promise("n0", "o0").toBuilder();
    data.getPromiseBuilder().addAttrPath(PromiseAttribute.newBuilder().setStringValue(field));
    return bind(input, data.build());
  }
}
