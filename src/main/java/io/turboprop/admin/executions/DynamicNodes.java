package io.turboprop.admin.executions;

import flyteidl.admin.NodeExecutionOuterClass.DynamicWorkflowNodeMetadata;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.Layout;
import io.turboprop.event.PlanNodes;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import java.util.Optional;

/** What clients are shown of the graphs that tasks have made (admin §6.2, engine §2.11). */
final class DynamicNodes {
  private final PlanNodes planNodes;
  private final CompiledPlans plans;
  private final Layout layout;

  DynamicNodes(PlanNodes planNodes, CompiledPlans plans, Layout layout) {
    this.planNodes = planNodes;
    this.plans = plans;
    this.layout = layout;
  }

  /** The message of a node whose task has made a graph, with the marks of such a node. */
  NodeExecution marked(NodeExecution message, ExecutionRow execution, NodeExecutionRow node) {
    var marked = message.toBuilder();
    marked.getMetadataBuilder().setIsDynamic(true);
    marked.getClosureBuilder().setDynamicJobSpecUri(specUri(execution, node));
    return marked.build();
  }

  /** The workflow that the current attempt of a node has made; empty for all other nodes. */
  Optional<DynamicWorkflowNodeMetadata> workflow(ExecutionRow execution, NodeExecutionRow node) {
    return node.parent()
        ? planNodes
            .digest(execution.accepted().number(), node.path(), node.attempt())
            .map(digest -> workflow(digest, specUri(execution, node)))
        : Optional.empty();
  }

  private DynamicWorkflowNodeMetadata workflow(String digest, String specUri) {
    var closure = plans.get(digest).closure();
    return DynamicWorkflowNodeMetadata.newBuilder()
        .setId(closure.getPrimary().getTemplate().getId())
        .setCompiledWorkflow(closure)
        .setDynamicJobSpecUri(specUri)
        .build();
  }

  private String specUri(ExecutionRow execution, NodeExecutionRow node) {
    return layout.node(execution.accepted().id(), node.path(), node.attempt()).futures().uri();
  }
}
