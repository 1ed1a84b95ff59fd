package io.turboprop.admin.executions;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.WorkflowNodeMetadata;
import flyteidl.core.Execution.NodeExecution.Phase;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.data.Naming;
import io.turboprop.execution.LastAttempts;
import io.turboprop.node.Reuse;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import java.util.Optional;

/**
 * Launch plan nodes as clients see them, with their child execution. The child's id is not stored;
 * it is derived from names.
 */
final class LaunchedNodes {
  private final ExecutionReads executions;
  private final LastAttempts lastAttempts;

  LaunchedNodes(ExecutionReads executions, NodeExecutionTables nodes) {
    this.executions = executions;
    this.lastAttempts = new LastAttempts(nodes);
  }

  /** Adds the child execution of the latest attempt, if it was started. */
  NodeExecution withChild(NodeExecution node, ExecutionRow execution, NodeExecutionRow row) {
    return child(execution, row)
        .map(child -> {
          var message = node.toBuilder();
          message
              .getClosureBuilder()
              .setWorkflowNodeMetadata(WorkflowNodeMetadata.newBuilder().setExecutionId(child));
          return message.build();
        })
        .orElse(node);
  }

  private Optional<WorkflowExecutionIdentifier> child(
      ExecutionRow execution, NodeExecutionRow row) {
    if (row.phase() == Phase.RECOVERED_VALUE) {
      return earlier(execution, row);
    }
    if (row.moments().startedAt() == null) {
      return Optional.empty();
    }
    var id = ExecutionMessages.id(execution.accepted().id());
    var name = Naming.childExecutionName(id.getName(), row.nodeId(), row.attempt());
    return Optional.of(id.toBuilder().setName(name).build());
  }

  /** The child execution of the same node in the execution whose outputs were reused. */
  private Optional<WorkflowExecutionIdentifier> earlier(
      ExecutionRow execution, NodeExecutionRow row) {
    return Reuse.of(ExecutionMessages.spec(execution))
        .flatMap(reuse -> executions.known(ExecutionMessages.id(reuse.earlier())))
        .flatMap(past -> lastAttempts.node(past, row.path()).flatMap(node -> child(past, node)));
  }
}
