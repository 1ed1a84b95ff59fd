package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.node.PastNodes.PastNode;
import java.util.Optional;

/**
 * The state of an earlier execution from which a node that runs again can go on.
 *
 * @param graph the dynamic graph of the node's task, which is run again instead of made again: a
 *     new graph may have other nodes
 * @param checkpoints the checkpoint folder of the node's task
 * @param child the execution that the node started, whose results the new child reuses
 */
record RecoveryState(
    Optional<DataReference> graph, Optional<DataReference> checkpoints, Optional<Reuse> child) {
  static final RecoveryState NONE =
      new RecoveryState(Optional.empty(), Optional.empty(), Optional.empty());

  /** Takes all state, for a node that does the same as before. */
  static RecoveryState whole(PastNode node) {
    return new RecoveryState(
        node.graph(), node.checkpoints(), node.child().map(child -> new Reuse(child, true)));
  }

  /** Takes the state that a changed node can use: the child, whose unchanged nodes are reused. */
  static RecoveryState ofChanged(PastNode node) {
    return new RecoveryState(
        Optional.empty(), Optional.empty(), node.child().map(child -> new Reuse(child, false)));
  }
}
