package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.workflow.Conclusion;
import java.util.Optional;

/** What became of nodes in an earlier execution (engine §6). */
public interface PastNodes {

  /**
   * Looks a node up; blocks.
   *
   * @param nodeId lineage-qualified, as clients see it
   * @return empty when there is no such execution or node
   */
  Optional<PastNode> find(ExecutionId execution, String nodeId);

  /**
   * A node as it ended, or as it is.
   *
   * @param succeeded whether its outputs can be used
   * @param content what it does, see {@link NodeContent}; empty when nobody can tell
   * @param attempt the last one, from 0
   * @param dynamicSpec where its task left a graph, if it is dynamic
   */
  record PastNode(
      boolean succeeded,
      ByteString content,
      Literals inputs,
      Literals outputs,
      Conclusion.Cache cache,
      Optional<String> deckUri,
      int attempt,
      Optional<DataReference> dynamicSpec) {}
}
