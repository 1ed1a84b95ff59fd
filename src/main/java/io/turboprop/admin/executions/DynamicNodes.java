package io.turboprop.admin.executions;

import flyteidl.admin.NodeExecutionOuterClass.DynamicWorkflowNodeMetadata;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import io.turboprop.data.Layout;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import java.util.Optional;

/**
 * Dynamic nodes as clients see them: marked as dynamic, with the compiled graph that the task made.
 */
final class DynamicNodes {
  private final ExecutionPlans plans;
  private final Layout layout;

  DynamicNodes(ExecutionPlans plans, Layout layout) {
    this.plans = plans;
    this.layout = layout;
  }

  /** The message of a node whose task has made a graph, with the fields of a dynamic node. */
  NodeExecution marked(NodeExecution message, ExecutionRow execution, NodeExecutionRow node) {
    var marked = message.toBuilder();
    marked.getMetadataBuilder().setIsDynamic(true);
    marked.getClosureBuilder().setDynamicJobSpecUri(specUri(execution, node));
    return marked.build();
  }

  /** The workflow that a dynamic node's current attempt has made; empty for all other nodes. */
  Optional<DynamicWorkflowNodeMetadata> workflow(ExecutionRow execution, NodeExecutionRow node) {
    return node.parent()
        ? plans.dynamic(execution, node).map(made -> workflow(made, specUri(execution, node)))
        : Optional.empty();
  }

  private static DynamicWorkflowNodeMetadata workflow(
      CompiledWorkflowClosure made, String specUri) {
    return DynamicWorkflowNodeMetadata.newBuilder()
        .setId(made.getPrimary().getTemplate().getId())
        .setCompiledWorkflow(made)
        .setDynamicJobSpecUri(specUri)
        .build();
  }

  private String specUri(ExecutionRow execution, NodeExecutionRow node) {
    return layout.node(execution.accepted().id(), node.path(), node.attempt()).futures().uri();
  }
}
