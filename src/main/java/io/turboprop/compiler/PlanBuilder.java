package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledWorkflow;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Workflow.Node;
import flyteidl.core.Workflow.WorkflowMetadata.OnFailurePolicy;
import flyteidl.core.Workflow.WorkflowTemplate;
import io.turboprop.data.EntityId;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlannedGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes a plan from a compiled closure ({@code flyteidl.core.CompiledWorkflowClosure}). The closure
 * has passed the compiler, so the builder refuses nothing.
 */
public final class PlanBuilder {
  private final Map<Identifier, TaskTemplate> tasks = new HashMap<>();
  private final Map<Identifier, CompiledWorkflow> workflows = new HashMap<>();

  /** The built sub-workflows: each is built once, however often nodes refer to it. */
  private final Map<Identifier, NodeKind.SubWorkflow> built = new HashMap<>();

  private PlanBuilder(CompiledWorkflowClosure closure) {
    closure
        .getTasksList()
        .forEach(task -> tasks.put(task.getTemplate().getId(), task.getTemplate()));
    closure
        .getSubWorkflowsList()
        .forEach(workflow -> workflows.put(workflow.getTemplate().getId(), workflow));
  }

  /**
   * @param digest the digest of the closure, see {@link ClosureDigest}
   */
  public static Plan build(String digest, CompiledWorkflowClosure closure) {
    var primary = closure.getPrimary();
    return new Plan(
        digest,
        EntityId.of(primary.getTemplate().getId()),
        new PlanBuilder(closure).graph(primary));
  }

  private Graph graph(CompiledWorkflow workflow) {
    var template = workflow.getTemplate();
    var nodes = new PlanNodeBuilder(tasks, this::subWorkflow, aliases(template));
    var edges = new HashMap<String, List<String>>();
    var ids = template.getNodesList().stream().map(Node::getId).collect(Collectors.toSet());
    workflow
        .getConnections()
        .getDownstreamMap()
        .forEach((id, targets) ->
            edges.put(id, targets.getIdsList().stream().filter(ids::contains).toList()));
    return PlannedGraph.of(
        template.getNodesList().stream().map(nodes::node).toList(),
        edges,
        policy(template.getMetadata().getOnFailure()),
        template.hasFailureNode()
            ? Optional.of(nodes.node(template.getFailureNode()))
            : Optional.empty());
  }

  /** The output aliases of each node, which readers use. */
  private static Map<String, Map<String, String>> aliases(WorkflowTemplate template) {
    var aliases = new HashMap<String, Map<String, String>>();
    for (var node : template.getNodesList()) {
      for (var alias : node.getOutputAliasesList()) {
        aliases
            .computeIfAbsent(node.getId(), _ -> new HashMap<>())
            .put(alias.getAlias(), alias.getVar());
      }
    }
    return aliases;
  }

  private NodeKind.SubWorkflow subWorkflow(Identifier id) {
    var known = built.get(id);
    if (known != null) {
      return known;
    }
    var workflow = workflows.get(id);
    if (workflow == null) {
      throw new IllegalArgumentException("the closure lacks sub-workflow " + id.getName());
    }
    var subWorkflow = new NodeKind.SubWorkflow(EntityId.of(id), graph(workflow));
    built.put(id, subWorkflow);
    return subWorkflow;
  }

  private static FailurePolicy policy(OnFailurePolicy policy) {
    return policy == OnFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
        ? FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
        : FailurePolicy.FAIL_IMMEDIATELY;
  }
}
