package io.turboprop.resource;

import flyteidl.core.Types;
import flyteidl.core.Workflow.ArrayNode;
import flyteidl.core.Workflow.BranchNode;
import flyteidl.core.Workflow.GateNode;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.NodeMetadata;
import flyteidl.core.Workflow.TaskNode;
import flyteidl.core.Workflow.WorkflowNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Converts the nodes of a workflow in a resource to the nodes of a compiled workflow. */
final class NodeConverter {
  static final String START = "start-node";
  static final String END = "end-node";

  /** The ids of the start and end nodes, by their kinds. */
  static final Map<String, String> TERMINALS = Map.of("start", START, "end", END);

  private static final NodeSpec.WorkflowTarget NO_WORKFLOW =
      new NodeSpec.WorkflowTarget(Optional.empty(), "");
  private static final NodeSpec.Gate NO_GATE =
      new NodeSpec.Gate("", Optional.empty(), Optional.empty(), Optional.empty());

  private final Map<String, NodeSpec> specs;
  private final String place;
  private final WorkflowConverter.Scope scope;
  private final Problems problems;
  private final Set<String> subWorkflowKeys = new TreeSet<>();
  private final Set<String> made = new HashSet<>();

  /**
   * @param place the position of the nodes in the resource
   */
  NodeConverter(
      Map<String, NodeSpec> specs, String place, WorkflowConverter.Scope scope, Problems problems) {
    this.specs = specs;
    this.place = place;
    this.scope = scope;
    this.problems = problems;
  }

  /** The sub-workflows to which the nodes made so far refer, by their keys. */
  Set<String> subWorkflowKeys() {
    return subWorkflowKeys;
  }

  /**
   * The node of this id, with its arms. Each node is made once. A repeated or unknown arm gives an
   * empty node, since {@link Arms} has already refused it.
   */
  Node node(String id) {
    var spec = specs.get(id);
    if (spec == null || !made.add(id)) {
      return Node.getDefaultInstance();
    }
    var at = place + "." + id;
    if (!spec.id().isEmpty() && !spec.id().equals(id)) {
      problems.add(at + ".id", "is '%s'".formatted(spec.id()));
    }
    if (!TERMINALS.containsKey(spec.kind()) && !TERMINALS.containsValue(id)) {
      return node(spec, at).toBuilder().setId(id).build();
    }
    if (!TERMINALS.getOrDefault(spec.kind(), "").equals(id)) {
      problems.add(at + ".kind", "'%s' is not that of %s".formatted(spec.kind(), id));
    }
    return Node.newBuilder().setId(id).addAllInputs(spec.inputBindings()).build();
  }

  /**
   * A node that is not in the workflow's list of nodes.
   *
   * @param at the node's position in the resource
   */
  Node node(NodeSpec spec, String at) {
    var node =
        Node.newBuilder()
            .setId(spec.id())
            .setMetadata(metadata(spec, at))
            .addAllInputs(spec.inputBindings())
            .addAllOutputAliases(spec.outputAlias());
    target(spec, node, at);
    return node.build();
  }

  private void target(NodeSpec spec, Node.Builder node, String at) {
    switch (spec.kind()) {
      case "task" -> node.setTaskNode(task(spec, at));
      case "workflow" -> node.setWorkflowNode(workflow(spec, at));
      case "branch" -> node.setBranchNode(branch(spec, at));
      case "gate" -> node.setGateNode(gate(spec, at));
      case "array" -> node.setArrayNode(array(spec, at));
      default -> problems.add(at + ".kind", "'%s' is no kind of node".formatted(spec.kind()));
    }
  }

  private NodeMetadata metadata(NodeSpec spec, String at) {
    var metadata = NodeMetadata.newBuilder().setName(spec.name());
    Deadlines.timeout(spec, at, problems).ifPresent(metadata::setTimeout);
    spec.retry()
        .filter(retry -> retry.minAttempts() > 1)
        .ifPresent(retry -> metadata.getRetriesBuilder().setRetries(retry.minAttempts() - 1));
    spec.interruptible().ifPresent(metadata::setInterruptible);
    return metadata.build();
  }

  /** Resources of the first versions name the task of a failure node by the name of the node. */
  private TaskNode task(NodeSpec spec, String at) {
    var key = spec.task().isEmpty() ? spec.name() : spec.task();
    var id = scope.tasks().get(key);
    var task = TaskNode.newBuilder();
    if (id == null) {
      problems.add(at + ".task", "'%s' is not among the tasks".formatted(key));
    } else {
      task.setReferenceId(id);
    }
    return task.setOverrides(Overrides.of(spec, at, problems)).build();
  }

  private WorkflowNode workflow(NodeSpec spec, String at) {
    var target = spec.workflow().orElse(NO_WORKFLOW);
    var key = target.subWorkflowRef();
    var node = WorkflowNode.newBuilder();
    if (key.isEmpty() == target.launchPlanRefId().isEmpty()) {
      problems.add(at + ".workflow", "is neither one launch plan nor one sub-workflow");
    } else if (key.isEmpty()) {
      target.launchPlanRefId().ifPresent(node::setLaunchplanRef);
    } else if (!scope.subWorkflows().containsKey(key)) {
      problems.add(
          at + ".workflow.subWorkflowRef", "'%s' is not among the sub-workflows".formatted(key));
    } else {
      subWorkflowKeys.add(key);
      node.setSubWorkflowRef(scope.subWorkflows().get(key));
    }
    return node.build();
  }

  private BranchNode branch(NodeSpec spec, String at) {
    var node = BranchNode.newBuilder();
    if (spec.branch().isEmpty()) {
      problems.add(at + ".branch", "is missing");
      return node.build();
    }
    var branch = spec.branch().orElseThrow();
    var block = node.getIfElseBuilder().setCase(block(branch.first()));
    branch.others().forEach(other -> block.addOther(block(other)));
    if (!branch.otherwise().isEmpty()) {
      block.setElseNode(node(branch.otherwise()));
    } else if (branch.elseFail().isPresent()) {
      var failure = branch.elseFail().orElseThrow();
      block.setError(
          Types.Error.newBuilder()
              .setFailedNodeId(failure.failedNodeId())
              .setMessage(failure.message()));
    }
    return node.build();
  }

  private IfBlock block(NodeSpec.IfBlock block) {
    return IfBlock.newBuilder()
        .setCondition(block.condition())
        .setThenNode(node(block.then()))
        .build();
  }

  private GateNode gate(NodeSpec spec, String at) {
    var gate = spec.gate().orElse(NO_GATE);
    var node = GateNode.newBuilder();
    switch (gate.kind()) {
      case "approve" -> gate.approve().ifPresent(node::setApprove);
      case "signal" -> gate.signal().ifPresent(node::setSignal);
      case "sleep" -> gate.sleep().ifPresent(node::setSleep);
      default -> problems.add(at + ".gate.kind", "'%s' is no kind of gate".formatted(gate.kind()));
    }
    if (node.getConditionCase() == GateNode.ConditionCase.CONDITION_NOT_SET) {
      problems.add(at + ".gate", "says not what it waits for");
    }
    return node.build();
  }

  private ArrayNode array(NodeSpec spec, String at) {
    var node = ArrayNode.newBuilder();
    if (spec.array().isEmpty()) {
      problems.add(at + ".array", "is missing");
      return node.build();
    }
    var array = spec.array().orElseThrow();
    node.setNode(node(array.subNodeSpec(), at + ".array.SubNodeSpec"))
        .addAllBoundInputs(array.boundInputs());
    array.parallelism().ifPresent(node::setParallelism);
    array.minSuccesses().ifPresent(node::setMinSuccesses);
    array.minSuccessRatio().ifPresent(node::setMinSuccessRatio);
    return node.build();
  }
}
