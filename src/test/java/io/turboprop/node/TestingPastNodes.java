package io.turboprop.node;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.util.Optional;

/**
 * One earlier execution, in which all nodes are alike.
 *
 * @param past each of its nodes; empty if it has none
 */
record TestingPastNodes(Optional<PastNode> past, boolean sourceGone) implements PastNodes {
  static final TestingPastNodes NONE = new TestingPastNodes(Optional.empty(), false);

  @Override
  public Optional<PastNode> find(ExecutionId execution, NodePath node) {
    return past;
  }

  @Override
  public boolean isSourceGone(long execution) {
    return sourceGone;
  }
}
