package io.turboprop.node;

import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import io.turboprop.data.Binding;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.Element;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.GraphState;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Map tasks and their elements, for tests. */
final class TestingArrays {
  static final NodePath ARRAY = NodePath.root("n0");

  private TestingArrays() {}

  static NodeKind.Array array(Encoding encoding, String... boundInputs) {
    return new NodeKind.Array(
        TestingPlans.task("n0", NodePolicy.DEFAULT),
        OptionalInt.of(0),
        OptionalInt.empty(),
        1,
        Set.of(boundInputs),
        encoding);
  }

  static Element element(int index, Values inputs, String... boundInputs) {
    return new Element(index, array(Encoding.ARRAY_NODE, boundInputs), inputs);
  }

  /** The work of the array's first attempt; its inputs are those of the graph, by name. */
  static Assignment assignment(
      NodeKind.Array array, Literals inputs, Optional<GraphState> finished) {
    var bindings =
        inputs.map().getLiteralsMap().keySet().stream().map(TestingArrays::promise).toList();
    var node = new PlanNode("n0", "", array, bindings, NodePolicy.DEFAULT);
    var work = TestingAssignments.of(new Work.RunNode(ARRAY, 0), node, Map.of());
    return with(
        work, Optional.empty(), finished, Map.of(PlanNode.START, new Values.Inline(inputs)));
  }

  /** The work of an attempt of an element. */
  static Assignment assignment(Element element, int attempt) {
    var path = ARRAY.child(0, "n" + element.index());
    var work = TestingAssignments.of(new Work.RunNode(path, attempt));
    return with(work, Optional.of(element), Optional.empty(), Map.of());
  }

  private static Assignment with(
      Assignment work,
      Optional<Element> element,
      Optional<GraphState> finished,
      Map<String, Values> sources) {
    return new Assignment(
        work.execution(),
        work.plan(),
        work.path(),
        work.uniqueNodeId(),
        work.node(),
        work.work(),
        element,
        Optional.empty(),
        finished,
        sources,
        work.progress(),
        false,
        1,
        work.queuedAt());
  }

  private static Binding promise(String variable) {
    var data = BindingData.newBuilder();
    data.getPromiseBuilder().setNodeId(PlanNode.START).setVar(variable);
    return new Binding(variable, data.build());
  }

  static Literals literals(String name, Literal value) {
    return Literals.of(Map.of(name, value));
  }
}
