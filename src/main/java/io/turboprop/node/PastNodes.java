package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.state.AttemptSummary;
import java.util.Optional;

/** What became of nodes in an earlier execution (engine §6). */
public interface PastNodes {

  /**
   * Looks a node up, or a task that was an element of an array; blocks.
   *
   * @param node the attempts of the nodes around it do not count: those that were the last ones do
   * @return empty when there is no such execution or node
   */
  Optional<PastNode> find(ExecutionId execution, NodePath node);

  /**
   * A node as it ended, or as it is.
   *
   * @param result what it made; empty unless it has succeeded and that can still be read
   * @param graph where its task left a graph, if it did
   * @param child the execution that it started, if it did and that is still there
   * @param checkpoints where the latest attempt that kept checkpoints has left them
   */
  record PastNode(
      Optional<Result> result,
      Optional<DataReference> graph,
      Optional<ExecutionId> child,
      Optional<DataReference> checkpoints) {

    /** One that succeeded. */
    public static PastNode of(Result result) {
      return new PastNode(
          Optional.of(result), Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * @param content what the node does, see {@link NodeContent}; empty when nobody can tell
   * @param inputs what it was given; empty for an element of an array
   * @param deckUri where its deck was left, if it had one; it may be gone
   */
  record Result(
      ByteString content,
      Literals inputs,
      Literals outputs,
      AttemptSummary.Cache cache,
      Optional<String> deckUri) {}
}
