package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Tasks.TaskMetadata;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.NodeMetadata;
import flyteidl.core.Workflow.TaskNode;
import flyteidl.core.Workflow.WorkflowMetadata.OnFailurePolicy;
import io.turboprop.data.Binding;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.Graph;
import io.turboprop.workflow.Graph.FailurePolicy;
import io.turboprop.workflow.NodeKind;
import io.turboprop.workflow.NodePolicy;
import io.turboprop.workflow.Plan;
import io.turboprop.workflow.PlanNode;
import io.turboprop.workflow.TaskOverrides;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a plan from a compiled closure (engine §7.5, but for what only a Kubernetes resource
 * needs). The closure has passed the compiler, so nothing is refused here.
 */
public final class PlanBuilder {
  private final Map<Identifier, TaskTemplate> tasks = new HashMap<>();
  private final Map<Identifier, CompiledWorkflow> workflows = new HashMap<>();

  private PlanBuilder(CompiledWorkflowClosure closure) {
    closure
        .getTasksList()
        .forEach(task -> tasks.put(task.getTemplate().getId(), task.getTemplate()));
    closure
        .getSubWorkflowsList()
        .forEach(workflow -> workflows.put(workflow.getTemplate().getId(), workflow));
  }

  /**
   * @param digest the closure's, see {@link ClosureDigest}
   */
  public static Plan build(String digest, CompiledWorkflowClosure closure) {
    var builder = new PlanBuilder(closure);
    var primary = closure.getPrimary();
    var failureNode =
        primary.getTemplate().hasFailureNode()
            ? Optional.of(builder.node(primary.getTemplate().getFailureNode()))
            : Optional.<PlanNode>empty();
    return new Plan(
        digest, entity(primary.getTemplate().getId()), builder.graph(primary), failureNode);
  }

  /** The identifier as the engine has it. */
  public static EntityId entity(Identifier id) {
    var kind = id.getResourceTypeValue();
    return new EntityId(
        EntityId.Kind.values()[kind >= 0 && kind < EntityId.Kind.values().length ? kind : 0],
        id.getProject(),
        id.getDomain(),
        id.getName(),
        id.getVersion());
  }

  private Graph graph(CompiledWorkflow workflow) {
    var template = workflow.getTemplate();
    var nodes = template.getNodesList().stream().map(this::node).toList();
    var edges = new HashMap<String, List<String>>();
    workflow
        .getConnections()
        .getDownstreamMap()
        .forEach((id, targets) -> edges.put(id, List.copyOf(targets.getIdsList())));
    return Graph.of(nodes, edges, policy(template.getMetadata().getOnFailure()));
  }

  private static FailurePolicy policy(OnFailurePolicy policy) {
    return policy == OnFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
        ? FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
        : FailurePolicy.FAIL_IMMEDIATELY;
  }

  private PlanNode node(Node node) {
    var bindings =
        node.getInputsList().stream()
            .map(binding -> new Binding(binding.getVar(), binding.getBinding()))
            .toList();
    return new PlanNode(
        node.getId(), node.getMetadata().getName(), kind(node), bindings, policy(node));
  }

  private NodeKind kind(Node node) {
    return switch (node.getTargetCase()) {
      case TASK_NODE ->
          new NodeKind.Task(
              entity(node.getTaskNode().getReferenceId()),
              overrides(node.getMetadata(), node.getTaskNode()));
      case WORKFLOW_NODE -> workflow(node);
      case BRANCH_NODE -> new NodeKind.Unsupported("branch");
      case GATE_NODE -> new NodeKind.Unsupported("gate");
      case ARRAY_NODE -> new NodeKind.Unsupported("array");
      case TARGET_NOT_SET ->
          node.getId().equals(PlanNode.END) ? new NodeKind.End() : new NodeKind.Start();
    };
  }

  private NodeKind workflow(Node node) {
    var reference = node.getWorkflowNode();
    if (!reference.hasSubWorkflowRef()) {
      return new NodeKind.Unsupported("launch plan");
    }
    var workflow = workflows.get(reference.getSubWorkflowRef());
    if (workflow == null) {
      throw new IllegalArgumentException(
          "the closure lacks sub-workflow " + reference.getSubWorkflowRef().getName());
    }
    return workflow.getTemplate().hasFailureNode()
        ? new NodeKind.Unsupported("sub-workflow with a failure")
        : new NodeKind.SubWorkflow(entity(reference.getSubWorkflowRef()), graph(workflow));
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
    var timeout = timeout(metadata);
    return new NodePolicy(
        attemptsMax(node),
        timeout,
        timeout.map(duration -> duration.multipliedBy(2)),
        metadata.hasInterruptible() ? Optional.of(metadata.getInterruptible()) : Optional.empty());
  }

  private int attemptsMax(Node node) {
    var own = node.getMetadata().getRetries().getRetries();
    var retries = own > 0 ? own : task(node).getRetries().getRetries();
    return retries > 0 ? retries + 1 : 0;
  }

  private TaskMetadata task(Node node) {
    return node.hasTaskNode()
        ? tasks
            .getOrDefault(node.getTaskNode().getReferenceId(), TaskTemplate.getDefaultInstance())
            .getMetadata()
        : TaskMetadata.getDefaultInstance();
  }

  private static Optional<Duration> timeout(NodeMetadata metadata) {
    var timeout = metadata.getTimeout();
    var duration = Duration.ofSeconds(timeout.getSeconds(), timeout.getNanos());
    return duration.isPositive() ? Optional.of(duration) : Optional.empty();
  }
}
