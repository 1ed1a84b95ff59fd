package io.turboprop.execution;

import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import java.util.Optional;

/**
 * Finds nodes of an earlier execution by their paths in a later one. The paths can differ, since
 * the enclosing nodes may have had another number of attempts.
 */
public final class LastAttempts {
  private final NodeExecutionTables nodes;

  public LastAttempts(NodeExecutionTables nodes) {
    this.nodes = nodes;
  }

  /** The same node within the last attempts of all enclosing nodes. */
  public NodePath path(ExecutionRow execution, NodePath path) {
    return path.parent()
        .map(parent -> {
          var around = path(execution, parent);
          var attempt =
              row(execution, around).map(NodeExecutionRow::attempt).orElse(path.parentAttempt());
          return around.child(attempt, path.nodeId());
        })
        .orElse(path);
  }

  /** The row of that node, if it exists. */
  public Optional<NodeExecutionRow> node(ExecutionRow execution, NodePath path) {
    return row(execution, path(execution, path));
  }

  /** The row of the node at exactly this path, if it exists. */
  public Optional<NodeExecutionRow> row(ExecutionRow execution, NodePath path) {
    return nodes.node(execution.accepted().number(), Naming.uniqueNodeId(path));
  }
}
