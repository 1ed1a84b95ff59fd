package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.state.AttemptSummary;
import java.util.Optional;

/** The results of nodes in an earlier execution, for recovery and reuse. */
public interface PastNodes {

  /**
   * Looks up a node, or an element of an array; blocks.
   *
   * @param node the attempts of the enclosing nodes in this path are ignored: the look-up takes the
   *     last attempt of each
   * @return empty when there is no such execution or node
   */
  Optional<PastNode> find(ExecutionId execution, NodePath node);

  /**
   * Whether the execution that an execution reuses was there when it was accepted, and is deleted;
   * blocks.
   *
   * @param execution the number of the execution that reuses
   */
  boolean isSourceGone(long execution);

  /**
   * A node of an earlier execution, ended or not.
   *
   * @param result the node's result; empty unless the node has succeeded and its outputs can still
   *     be read
   * @param graph where the node's task left a dynamic graph, if it did
   * @param child the execution that the node started, if it did and the execution still exists
   * @param checkpoints the checkpoint folder of the latest attempt that wrote checkpoints
   */
  record PastNode(
      Optional<Result> result,
      Optional<DataReference> graph,
      Optional<ExecutionId> child,
      Optional<DataReference> checkpoints) {

    /** The result of a succeeded node. */
    public static PastNode of(Result result) {
      return new PastNode(
          Optional.of(result), Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * @param content what the node does, see {@link NodeContent}; empty when it is unknown
   * @param inputs the node's inputs; empty for an element of an array
   * @param deckUri the node's deck, if it had one; the file may be deleted already
   */
  record Result(
      ByteString content,
      Literals inputs,
      Literals outputs,
      AttemptSummary.Cache cache,
      Optional<String> deckUri) {}
}
