package io.turboprop.admin;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.WorkflowNodeMetadata;
import io.turboprop.data.Naming;
import io.turboprop.store.NodeExecutionRow;

/** Launch plan nodes as clients see them: with the execution that they have started. */
final class LaunchedNodes {
  private LaunchedNodes() {}

  /** Adds the execution of the latest attempt; it follows from names, once it was started. */
  static NodeExecution withChild(NodeExecution node, NodeExecutionRow row) {
    if (row.moments().startedAt() == null) {
      return node;
    }
    var execution = node.getId().getExecutionId();
    var child = Naming.childExecutionName(execution.getName(), row.nodeId(), row.attempt());
    var message = node.toBuilder();
    message
        .getClosureBuilder()
        .setWorkflowNodeMetadata(
            WorkflowNodeMetadata.newBuilder().setExecutionId(execution.toBuilder().setName(child)));
    return message.build();
  }
}
