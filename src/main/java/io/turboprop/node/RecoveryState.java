package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.node.PastNodes.PastNode;
import java.util.Optional;

/**
 * What an earlier execution has left of a node that has to be run again, to go on from.
 *
 * @param graph where its task left a graph, which is walked again instead of made again: another
 *     one may have other nodes (engine §6)
 * @param checkpoints where its task kept checkpoints
 * @param child the execution that it started, whose results the next one uses again
 */
record RecoveryState(
    Optional<DataReference> graph, Optional<DataReference> checkpoints, Optional<Reuse> child) {
  static final RecoveryState NONE =
      new RecoveryState(Optional.empty(), Optional.empty(), Optional.empty());

  /** All that there is: the node does the same as it did. */
  static RecoveryState whole(PastNode node) {
    return new RecoveryState(
        node.graph(), node.checkpoints(), node.child().map(child -> new Reuse(child, true)));
  }

  /** What serves a node that may do something else now: in the child, what is unchanged. */
  static RecoveryState ofChanged(PastNode node) {
    return new RecoveryState(
        Optional.empty(), Optional.empty(), node.child().map(child -> new Reuse(child, false)));
  }
}
