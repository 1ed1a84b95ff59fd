package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.NewExecution;
import org.jspecify.annotations.Nullable;

/** Finds the node that starts an execution, if a node starts it. */
final class ExecutionParents {
  private final NodeReads nodes;

  ExecutionParents(NodeReads nodes) {
    this.nodes = nodes;
  }

  /**
   * The values that a child takes over from its parent execution.
   *
   * @param row the parent node; null if no node starts the execution
   * @param nesting the nesting depth of the child
   */
  record Inherited(NewExecution.@Nullable Parent row, String principal, int nesting) {
    private static final Inherited NONE = new Inherited(null, "", 0);
  }

  /**
   * @throws AdminException {@code NOT_FOUND} when the parent node does not exist
   */
  Inherited find(ExecutionMetadata child) {
    if (!child.hasParentNodeExecution()) {
      return Inherited.NONE;
    }
    var found = nodes.find(child.getParentNodeExecution());
    var accepted = found.execution().accepted();
    var metadata = StoredMessages.parse(ExecutionSpec.parser(), accepted.spec()).getMetadata();
    return new Inherited(
        new NewExecution.Parent(accepted.number(), found.node().nodeId(), null),
        metadata.getPrincipal(),
        metadata.getNesting() + 1);
  }
}
