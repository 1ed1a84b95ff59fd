package io.turboprop.engine;

import static io.turboprop.engine.EchoWorkflows.START;
import static io.turboprop.engine.EchoWorkflows.node;
import static io.turboprop.engine.EchoWorkflows.promise;

import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A workflow for each kind of node. Each goes through two times of sleep, so that it can be met in
 * the middle twice.
 */
final class EchoKinds {
  private static final int ELEMENTS = 300;

  private final EchoWorkflows workflows;
  private final Duration sleep;

  EchoKinds(EngineClient client, Duration sleep) {
    this.workflows = new EchoWorkflows(client);
    this.sleep = sleep;
  }

  /**
   * @param first a node that sleeps
   * @param second the next one that does; the same if it sleeps so long
   */
  record Kind(String name, Identifier launchPlan, LiteralMap inputs, Place first, Place second) {}

  /**
   * @param execution what is behind the name of the execution in that of the node's
   */
  record Place(String execution, String node) {
    static Place of(String node) {
      return new Place("", node);
    }
  }

  /** All of them, registered. */
  List<Kind> all() {
    return List.of(
        kind("task", workflows.chain("task", List.of(sleep, sleep)), "n0", "n1"),
        kind("branch", branch(), "n0-0-n0-taken", "n1"),
        kind("inner", subWorkflow(), "n0-0-n0", "n0-0-n1"),
        kind("dynamic", dynamic(), "n0-0-n0", "n0-0-n1"),
        array(),
        launchPlan(),
        kind("signal", workflows.signal("signal", Duration.ofHours(1)), "n0", "n0"),
        kind("sleep", workflows.sleep("sleep", sleep.multipliedBy(3)), "n0", "n0"),
        kind("failure", failure(), "failed-0-n0", "failed-0-n1"));
  }

  private static Kind kind(String name, Identifier launchPlan, String first, String second) {
    return new Kind(name, launchPlan, EchoWorkflows.inputs(7), Place.of(first), Place.of(second));
  }

  /** A branch whose first arm is taken, then a step. */
  private Identifier branch() {
    var task = workflows.task(sleep);
    var branch = Node.newBuilder().setId("n0").addInputs(promise(START));
    var cases = branch.getBranchNodeBuilder().getIfElseBuilder();
    var taken = cases.getCaseBuilder().setThenNode(node("taken", task, START));
    var condition = taken.getConditionBuilder().getComparisonBuilder();
    condition.setOperator(ComparisonExpression.Operator.GT).getLeftValueBuilder().setVar("x");
    condition.getRightValueBuilder().getPrimitiveBuilder().setInteger(0);
    cases.setElseNode(node("other", task, START));
    var nodes = List.of(branch.build(), node("n1", task, "n0"));
    return workflows.register(EchoWorkflows.template("branch", nodes), List.of());
  }

  private Identifier subWorkflow() {
    var inner = steps("inner_steps");
    return workflows.register(
        EchoWorkflows.template("inner", List.of(running("n0", inner))), List.of(inner));
  }

  private Identifier dynamic() {
    var pause = sleep.toMillis() + "ms";
    return workflows.dynamic("dynamic", Map.of("nodes", 2, "chain", true, "sleep", pause));
  }

  private Kind array() {
    return new Kind(
        "array",
        workflows.map("array", sleep, ELEMENTS / 2),
        EchoWorkflows.integers(ELEMENTS),
        Place.of("n0"),
        Place.of("n0"));
  }

  /** Two children beside each other. */
  private Kind launchPlan() {
    var child = workflows.chain("child", List.of(sleep, sleep));
    return new Kind(
        "plan",
        workflows.parent("plan", Collections.nCopies(2, child)),
        EchoWorkflows.inputs(7),
        new Place("-n0-0", "n0"),
        new Place("-n1-0", "n1"));
  }

  /** A step that fails, and a sub-workflow as the failure node. */
  private Identifier failure() {
    var after = steps("failure_steps");
    var failing = workflows.failingTask("failure", "Oops", "it broke");
    var template =
        EchoWorkflows.template("failure", List.of(node("n0", failing, START))).toBuilder()
            .setFailureNode(running("failed", after));
    return workflows.register(template.build(), List.of(after));
  }

  private WorkflowTemplate steps(String name) {
    var task = workflows.task(sleep);
    return EchoWorkflows.template(name, List.of(node("n0", task, START), node("n1", task, "n0")));
  }

  private static Node running(String id, WorkflowTemplate workflow) {
    var node = Node.newBuilder().setId(id).addInputs(promise(START));
    node.getWorkflowNodeBuilder().setSubWorkflowRef(workflow.getId());
    return node.build();
  }
}
