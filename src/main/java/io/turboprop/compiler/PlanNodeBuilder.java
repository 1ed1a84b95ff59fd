package io.turboprop.compiler;

import com.google.protobuf.Struct;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Tasks.TaskMetadata;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.ArrayNode;
import flyteidl.core.Workflow.BranchNode;
import flyteidl.core.Workflow.GateNode;
import flyteidl.core.Workflow.IfBlock;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.NodeMetadata;
import flyteidl.core.Workflow.TaskNode;
import io.turboprop.data.Binding;
import io.turboprop.data.BindingException;
import io.turboprop.data.Condition;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.PlannedGraph;
import io.turboprop.workflow.plan.TaskOverrides;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** Converts the nodes of a compiled workflow to the nodes of a plan. */
final class PlanNodeBuilder {
  private static final String CONTAINER_ARRAY = "container_array";

  private final Map<Identifier, TaskTemplate> tasks;
  private final Function<Identifier, NodeKind.SubWorkflow> subWorkflows;
  private final Map<String, Map<String, String>> aliases;

  /** Parts of nodes: those of many nodes are equal, and large graphs have each part once. */
  private final Map<Object, Object> parts = new HashMap<>();

  /**
   * @param aliases the output variables by alias, for each node id
   */
  PlanNodeBuilder(
      Map<Identifier, TaskTemplate> tasks,
      Function<Identifier, NodeKind.SubWorkflow> subWorkflows,
      Map<String, Map<String, String>> aliases) {
    this.tasks = tasks;
    this.subWorkflows = subWorkflows;
    this.aliases = aliases;
  }

  PlanNode node(Node node) {
    var name = node.getMetadata().getName();
    return new PlanNode(
        node.getId(),
        name.equals(node.getId()) ? node.getId() : name,
        kind(node),
        once(
            node.getInputsList().stream()
                .map(binding -> withoutAliases(new Binding(binding.getVar(), binding.getBinding())))
                .toList()),
        isContainerArray(node) ? NodePolicy.DEFAULT : once(policy(node)));
  }

  /** The first part that is equal to this one. */
  @SuppressWarnings("unchecked") // equal parts have the same class
  private <T> T once(T part) {
    var known = parts.putIfAbsent(part, part);
    return known == null ? part : (T) known;
  }

  private Binding withoutAliases(Binding binding) {
    try {
      return binding.withoutAliases(aliases);
    } catch (BindingException e) {
      throw new IllegalArgumentException(
          "the binding of '%s': %s".formatted(binding.variable(), e.getMessage()), e);
    }
  }

  private NodeKind kind(Node node) {
    return switch (node.getTargetCase()) {
      case TASK_NODE -> isContainerArray(node) ? containerArray(node) : task(node);
      case WORKFLOW_NODE ->
          node.getWorkflowNode().hasSubWorkflowRef()
              ? subWorkflows.apply(node.getWorkflowNode().getSubWorkflowRef())
              : once(
                  new NodeKind.LaunchPlan(EntityId.of(node.getWorkflowNode().getLaunchplanRef())));
      case BRANCH_NODE -> branch(node.getBranchNode());
      case GATE_NODE -> new NodeKind.Gate(gate(node.getGateNode()));
      case ARRAY_NODE -> array(node.getArrayNode());
      case TARGET_NOT_SET ->
          node.getId().equals(PlanNode.END) ? new NodeKind.End() : new NodeKind.Start();
    };
  }

  private NodeKind.Task task(Node node) {
    return once(
        new NodeKind.Task(
            EntityId.of(node.getTaskNode().getReferenceId()),
            overrides(node.getMetadata(), node.getTaskNode())));
  }

  private NodeKind branch(BranchNode branch) {
    var block = branch.getIfElse();
    var arms = new ArrayList<PlanNode>();
    var cases = new ArrayList<NodeKind.Branch.Case>();
    cases.add(option(block.getCase(), arms));
    block.getOtherList().forEach(other -> cases.add(option(other, arms)));
    var otherwise = Optional.<String>empty();
    if (block.hasElseNode()) {
      arms.add(node(block.getElseNode()));
      otherwise = Optional.of(block.getElseNode().getId());
    }
    var failure =
        block.hasError()
            ? ExecutionError.user(
                "UserProvidedError", "[UserProvidedError] " + block.getError().getMessage())
            : ExecutionError.user(
                "MalformedBranchUserError", "[MalformedBranchUserError] No branch satisfied");
    return new NodeKind.Branch(
        cases,
        otherwise,
        failure,
        PlannedGraph.of(arms, Map.of(), FailurePolicy.FAIL_IMMEDIATELY, Optional.empty()));
  }

  private NodeKind.Branch.Case option(IfBlock block, List<PlanNode> arms) {
    arms.add(node(block.getThenNode()));
    return new NodeKind.Branch.Case(
        new Condition(block.getCondition()), block.getThenNode().getId());
  }

  private static GateCondition gate(GateNode gate) {
    return switch (gate.getConditionCase()) {
      case SLEEP ->
          new GateCondition.Sleep(
              Duration.ofSeconds(
                  gate.getSleep().getDuration().getSeconds(),
                  gate.getSleep().getDuration().getNanos()));
      case SIGNAL ->
          new GateCondition.Signal(
              gate.getSignal().getSignalId(),
              gate.getSignal().getType().toByteString(),
              gate.getSignal().getOutputVariableName());
      case APPROVE -> new GateCondition.Approve(gate.getApprove().getSignalId());
      case CONDITION_NOT_SET -> throw new IllegalArgumentException("a gate without a condition");
    };
  }

  private NodeKind array(ArrayNode array) {
    return new NodeKind.Array(
        node(array.getNode()),
        array.hasParallelism() ? OptionalInt.of(array.getParallelism()) : OptionalInt.empty(),
        array.hasMinSuccesses() ? OptionalInt.of(array.getMinSuccesses()) : OptionalInt.empty(),
        array.hasMinSuccessRatio() ? array.getMinSuccessRatio() : 1,
        Set.copyOf(array.getBoundInputsList()),
        array.getIsOriginalSubNodeInterface().getValue()
            ? NodeKind.Array.Encoding.ARRAY_NODE_OF_PLAIN_TASK
            : NodeKind.Array.Encoding.ARRAY_NODE);
  }

  private boolean isContainerArray(Node node) {
    return node.hasTaskNode() && template(node).getType().equals(CONTAINER_ARRAY);
  }

  /**
   * Map tasks of the first generation declare in the task how many elements may run at the same
   * time and how many must succeed.
   */
  private NodeKind containerArray(Node node) {
    var job = template(node).getCustom();
    var element =
        new PlanNode(
            node.getId(), node.getMetadata().getName(), task(node), List.of(), policy(node));
    return new NodeKind.Array(
        element,
        whole(job, "parallelism"),
        whole(job, "minSuccesses"),
        number(job, "minSuccessRatio").orElse(1.0),
        Set.of(),
        NodeKind.Array.Encoding.CONTAINER_ARRAY);
  }

  private static OptionalInt whole(Struct object, String field) {
    return number(object, field)
        .map(value -> OptionalInt.of(value.intValue()))
        .orElse(OptionalInt.empty());
  }

  /** Reads a number in a JSON object, where 64-bit numbers are strings; empty when absent or 0. */
  private static Optional<Double> number(Struct object, String field) {
    var value = object.getFieldsMap().get(field);
    if (value == null) {
      return Optional.empty();
    }
    var number =
        value.hasStringValue()
            ? Double.parseDouble(value.getStringValue())
            : value.getNumberValue();
    return number > 0 ? Optional.of(number) : Optional.empty();
  }

  private static TaskOverrides overrides(NodeMetadata metadata, TaskNode task) {
    return new TaskOverrides(
        metadata.hasCacheable() ? Optional.of(metadata.getCacheable()) : Optional.empty(),
        metadata.hasCacheVersion() ? Optional.of(metadata.getCacheVersion()) : Optional.empty(),
        metadata.hasCacheSerializable()
            ? Optional.of(metadata.getCacheSerializable())
            : Optional.empty(),
        task.getOverrides().toByteString());
  }

  private NodePolicy policy(Node node) {
    var metadata = node.getMetadata();
    return new NodePolicy(
        attemptsMax(node),
        timeout(metadata),
        metadata.hasInterruptible() ? Optional.of(metadata.getInterruptible()) : Optional.empty());
  }

  private int attemptsMax(Node node) {
    var own = node.getMetadata().getRetries().getRetries();
    var retries = own > 0 ? own : metadata(node).getRetries().getRetries();
    return retries > 0 ? retries + 1 : 0;
  }

  private TaskTemplate template(Node node) {
    return tasks.getOrDefault(
        node.getTaskNode().getReferenceId(), TaskTemplate.getDefaultInstance());
  }

  private TaskMetadata metadata(Node node) {
    return node.hasTaskNode() ? template(node).getMetadata() : TaskMetadata.getDefaultInstance();
  }

  private static Optional<Duration> timeout(NodeMetadata metadata) {
    var timeout = metadata.getTimeout();
    var duration = Duration.ofSeconds(timeout.getSeconds(), timeout.getNanos());
    return duration.isPositive() ? Optional.of(duration) : Optional.empty();
  }
}
