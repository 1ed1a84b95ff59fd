package io.turboprop.node;

import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.Binding;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.plan.PlanNode;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The names of a node's outputs, which are known before the node runs.
 *
 * @param templates finds the templates of the plan's tasks
 * @param launchPlans gives the outputs of a launch plan; may block
 */
record OutputNames(
    Function<EntityId, TaskTemplate> templates, Function<EntityId, Set<String>> launchPlans) {

  Set<String> of(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.Task(var task, _) ->
          templates.apply(task).getInterface().getOutputs().getVariablesMap().keySet();
      case NodeKind.LaunchPlan(var launchPlan) -> launchPlans.apply(launchPlan);
      case NodeKind.SubWorkflow(_, var graph) -> of(graph);
      case NodeKind.Branch branch -> ofAllArms(branch.arms());
      case NodeKind.Gate(GateCondition.Signal signal) -> Set.of(signal.outputVariable());
      case NodeKind.Gate(GateCondition.Approve _), NodeKind.Start _, NodeKind.End _ ->
          variables(node);
      case NodeKind.Gate(GateCondition.Sleep _) -> Set.of();
      case NodeKind.Array array -> of(array.element());
    };
  }

  private static Set<String> of(Graph graph) {
    return variables(graph.node(graph.number(PlanNode.END)));
  }

  private Set<String> ofAllArms(Graph arms) {
    var common = new HashSet<>(of(arms.node(0)));
    for (int number = 1; number < arms.size(); number++) {
      common.retainAll(of(arms.node(number)));
    }
    return common;
  }

  private static Set<String> variables(PlanNode node) {
    return node.bindings().stream().map(Binding::variable).collect(Collectors.toSet());
  }
}
