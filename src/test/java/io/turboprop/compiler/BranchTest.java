package io.turboprop.compiler;

import static io.turboprop.compiler.TestingBranches.block;
import static io.turboprop.compiler.TestingBranches.both;
import static io.turboprop.compiler.TestingBranches.bound;
import static io.turboprop.compiler.TestingBranches.branch;
import static io.turboprop.compiler.TestingBranches.compare;
import static io.turboprop.compiler.TestingBranches.noValue;
import static io.turboprop.compiler.TestingBranches.otherwise;
import static io.turboprop.compiler.TestingBranches.otherwiseFail;
import static io.turboprop.compiler.TestingBranches.value;
import static io.turboprop.compiler.TestingBranches.variable;
import static io.turboprop.compiler.TestingBranches.when;
import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.NONE;
import static io.turboprop.compiler.TestingDefinitions.STRING;
import static io.turboprop.compiler.TestingDefinitions.bind;
import static io.turboprop.compiler.TestingDefinitions.dataclass;
import static io.turboprop.compiler.TestingDefinitions.oneOf;
import static io.turboprop.compiler.TestingDefinitions.promise;
import static io.turboprop.compiler.TestingDefinitions.tagged;
import static io.turboprop.compiler.TestingDefinitions.task;
import static io.turboprop.compiler.TestingDefinitions.taskNode;
import static io.turboprop.compiler.TestingDefinitions.union;
import static io.turboprop.compiler.TestingDefinitions.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Compiler.CompiledTask;
import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression.Operator;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Types.PromiseAttribute;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.Node;
import io.turboprop.compiler.CompilerResult.Compiled;
import io.turboprop.compiler.CompilerResult.Rejected;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests branch nodes: their conditions, their arms at every depth, and their outputs. */
class BranchTest {
  private static final List<CompiledTask> TASKS =
      List.of(
          task("make", Map.of(), Map.of("o0", INTEGER, "o1", STRING)),
          task("count", Map.of(), Map.of("o0", INTEGER)),
          task("name", Map.of(), Map.of("o0", STRING)),
          task("step", Map.of("a", INTEGER), Map.of("o0", INTEGER)),
          task(
              "look",
              Map.of(),
              Map.of("mood", oneOf("calm", "tense"), "maybe", union(tagged(INTEGER, "int"), NONE))),
          task("train", Map.of(), Map.of("o0", dataclass(Map.of("size", INTEGER)))));

  private static final BooleanExpression ALWAYS = compare(1, 1);

  record Row(String name, List<Node.Builder> nodes, List<String> expected) {
    Row expect(String... errors) {
      return new Row(name, nodes, List.of(errors));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, Node.Builder... nodes) {
    return new Row(name, List.of(nodes), List.of());
  }

  static Stream<Row> rows() {
    var x = promise(".x", "", "x");
    return Stream.of(
        row("nothing at all", branch("n0", ifElse -> {}))
            .expect("BranchNodeHasNoCondition@n0", "BranchNodeHasNoDefault@n0"),
        row(
                "a case without condition",
                branch("n0", block(IfBlock.newBuilder().setThenNode(make("a"))), otherwiseFail()))
            .expect("BranchNodeHasNoCondition@n0"),
        row(
                "a case without node",
                branch("n0", block(IfBlock.newBuilder().setCondition(ALWAYS)), otherwiseFail()))
            .expect("BranchNodeIdNotFound@n0"),
        row("no default", branch("n0", when(ALWAYS, make("a"))))
            .expect("BranchNodeHasNoDefault@n0"),
        row(
                "an empty condition",
                branch(
                    "n0", when(BooleanExpression.getDefaultInstance(), make("a")), otherwiseFail()))
            .expect("BranchNodeHasNoCondition@n0"),
        row("an operand is missing", deciding(compare(Operand.getDefaultInstance(), value(1))))
            .expect("ValueRequired@n0"),
        row("a variable that is not bound", deciding(compare(variable("y"), value(1))))
            .expect("VariableNameNotFound@n0"),
        row("a variable and a value of its type", deciding(compare(variable(".x"), value(1)), x)),
        row("operands of different types", deciding(compare(variable(".x"), value("1")), x))
            .expect("MismatchingTypes@n0"),
        row(
                "within a conjunction too",
                deciding(both(ALWAYS, compare(variable(".x"), value("1"))), x))
            .expect("MismatchingTypes@n0"),
        row(
            "an optional value and none",
            taskNode("n1", "look"),
            deciding(compare(variable(".x"), noValue()), promise(".x", "n1", "maybe"))),
        row(
            "an optional value and a value of its type",
            taskNode("n1", "look"),
            deciding(compare(variable(".x"), value(1)), promise(".x", "n1", "maybe"))),
        row(
                "an optional value and one of another type",
                taskNode("n1", "look"),
                deciding(compare(variable(".x"), value("1")), promise(".x", "n1", "maybe")))
            .expect("MismatchingTypes@n0"),
        row(
                "a value that is always there, and none",
                deciding(compare(variable(".x"), noValue()), x))
            .expect("MismatchingTypes@n0"),
        row(
                "none has no order",
                taskNode("n1", "look"),
                deciding(
                    compare(variable(".x"), Operator.LT, noValue()), promise(".x", "n1", "maybe")))
            .expect("MismatchingTypes@n0"),
        row(
            "an enum and one of its values",
            taskNode("n1", "look"),
            deciding(compare(variable(".x"), value("tense")), promise(".x", "n1", "mood"))),
        row(
            "an enum and any string that is known at run time",
            taskNode("n1", "look"),
            make("n2"),
            deciding(
                compare(variable(".x"), variable(".y")),
                promise(".x", "n1", "mood"),
                promise(".y", "n2", "o1"))),
        row(
                "an enum and a string that it never is",
                taskNode("n1", "look"),
                deciding(compare(value("angry"), variable(".x")), promise(".x", "n1", "mood")))
            .expect("IllegalEnumValue@n0"),
        row(
                "an enum and a number",
                taskNode("n1", "look"),
                deciding(compare(variable(".x"), value(1)), promise(".x", "n1", "mood")))
            .expect("MismatchingTypes@n0"),
        row(
            "an attribute has its own type",
            taskNode("n1", "train"),
            deciding(compare(variable("size"), value(1)), attribute("size", "n1", "size"))),
        row(
                "a variable that leads nowhere is reported once",
                deciding(compare(variable("y"), value(1)), promise("y", "n9", "o0")))
            .expect("NodeReferenceNotFound@n0", "ParameterNotBound@n0"),
        row(
                "arms that differ in the type of a common output",
                branch("n0", when(ALWAYS, make("a")), otherwise(taskNode("b", "name"))))
            .expect("MismatchingTypes@n0"),
        row(
            "a common output can be used",
            branch("n0", when(ALWAYS, make("a")), otherwise(taskNode("b", "count"))),
            taskNode("n1", "step", promise("a", "n0", "o0"))),
        row(
                "an output of one arm alone cannot",
                branch("n0", when(ALWAYS, make("a")), otherwise(taskNode("b", "count"))),
                taskNode("n1", "step", promise("a", "n0", "o1")))
            .expect("VariableNameNotFound@n1", "ParameterNotBound@n1"),
        row(
                "an arm cannot be referred to",
                branch("n0", when(ALWAYS, make("a")), otherwiseFail()),
                taskNode("n1", "step", promise("a", "n0-a", "o0")))
            .expect("NodeReferenceNotFound@n1", "ParameterNotBound@n1"),
        row(
                "what is wrong in an arm of an arm",
                branch(
                    "n0",
                    when(ALWAYS, branch("a", when(ALWAYS, taskNode("b", "step")), otherwiseFail())),
                    otherwiseFail()))
            .expect("ParameterNotBound@n0-a-b"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyErrorIsFound(Row row) {
    var found =
        switch (compile(row.nodes().toArray(Node.Builder[]::new))) {
          case Compiled _ -> List.<String>of();
          case Rejected(var errors) ->
              errors.stream().map(error -> error.code().text() + "@" + error.nodeId()).toList();
        };
    assertThat(found).containsExactlyElementsOf(row.expected());
  }

  @Test
  void armsAreNamedAfterTheirBranchesAndOnlyHaveUpstreamEdges() {
    var inner =
        branch(
            "n1",
            when(ALWAYS, taskNode("n0", "step", promise("a", "n9", "o0"))),
            otherwise(make("n1").addUpstreamNodeIds("n9")));
    var outer = branch("n0", when(ALWAYS, make("n0")), otherwise(inner));

    var workflow = compiled(outer, taskNode("n9", "count"));

    var arm = workflow.getTemplate().getNodes(2).getBranchNode().getIfElse().getElseNode();
    assertThat(arm.getId()).isEqualTo("n0-n1");
    assertThat(Nodes.arms(arm.getBranchNode()))
        .extracting(Node::getId)
        .containsExactly("n0-n1-n0", "n0-n1-n1");
    var connections = workflow.getConnections();
    assertThat(connections.getUpstreamOrThrow("n0-n1-n0").getIdsList()).containsExactly("n9");
    assertThat(connections.getUpstreamOrThrow("n0-n1-n1").getIdsList()).containsExactly("n9");
    assertThat(connections.getUpstreamMap()).doesNotContainKeys("n0-n0", "n0-n1");
    assertThat(connections.getDownstreamMap().keySet())
        .containsExactlyInAnyOrder("start-node", "n0", "n9");
  }

  private static Node.Builder make(String id) {
    return taskNode(id, "make");
  }

  private static Node.Builder deciding(BooleanExpression condition, Binding... inputs) {
    return bound(branch("n0", when(condition, make("a")), otherwiseFail()), inputs);
  }

  private static Binding attribute(String input, String nodeId, String field) {
    var data = promise(nodeId, "o0").toBuilder();
    data.getPromiseBuilder().addAttrPath(PromiseAttribute.newBuilder().setStringValue(field));
    return bind(input, data.build());
  }

  private static CompilerResult compile(Node.Builder... nodes) {
    return WorkflowCompiler.compile(
        new WorkflowSource(workflow(nodes), List.of(), TASKS, List.of()));
  }

  private static CompiledWorkflow compiled(Node.Builder... nodes) {
    var result = compile(nodes);
    assertThat(result).isInstanceOf(Compiled.class);
    return ((Compiled) result).closure().getPrimary();
  }
}
