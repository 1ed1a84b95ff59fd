package io.turboprop.store;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.state.AttemptSummary.Cache;
import org.jspecify.annotations.Nullable;

/**
 * The change of the row of one node, which is created if it is missing; null leaves a column as it
 * is.
 *
 * @param parentId the id of the node around it, as clients see it; null in the root graph
 * @param parent whether there are nodes inside of it
 * @param phase a number of {@code flyteidl.core.NodeExecution.Phase}
 * @param attempt from 0
 */
public record NodeExecutionChange(
    Key key,
    NodePath path,
    @Nullable String parentId,
    boolean parent,
    int phase,
    int attempt,
    Timestamps moments,
    @Nullable Values outputs,
    @Nullable ExecutionError error,
    @Nullable Cache cache,
    @Nullable String deckUri)
    implements RowChange {

  /**
   * Which row.
   *
   * @param nodeId the id as clients see it, qualified by the nodes around it
   */
  public record Key(long execution, String nodeId) {}

  @Override
  public long execution() {
    return key.execution();
  }

  /** This change and a later one of the same node. */
  public NodeExecutionChange then(NodeExecutionChange later) {
    return new NodeExecutionChange(
        key,
        path,
        parentId,
        parent || later.parent,
        later.phase,
        later.attempt,
        moments.then(later.moments),
        later.outputs == null ? outputs : later.outputs,
        later.error == null ? error : later.error,
        later.cache == null ? cache : later.cache,
        later.deckUri == null ? deckUri : later.deckUri);
  }
}
