package io.turboprop.execution;

import com.fasterxml.jackson.databind.JsonNode;
import io.turboprop.data.DataReference;
import io.turboprop.data.NodePath;
import java.util.List;
import java.util.Optional;

/**
 * The nodes of a workflow that FlytePropeller has begun, as the status of its resource shows them,
 * and where their files are.
 *
 * @param status of the resource
 */
record BegunNodes(JsonNode status) {
  private static final int SUCCEEDED = 5;
  private static final int DYNAMIC_RUNNING = 11;
  private static final int RECOVERED = 12;

  /**
   * A node.
   *
   * @param data where its inputs are, and below it a folder for each attempt
   * @param attempt the latest; empty if it is not known, since a node around it has succeeded
   */
  record BegunNode(DataReference data, Optional<Integer> attempt, int phase) {

    /** Whether the node, or a node around it, has succeeded. */
    boolean hasSucceeded() {
      return phase == SUCCEEDED || phase == RECOVERED;
    }

    /** Whether the node's task has made a graph, which runs. */
    boolean isDynamic() {
      return phase == DYNAMIC_RUNNING;
    }

    DataReference attempt(int number) {
      return data.child(Integer.toString(number));
    }
  }

  /** The node at this path, whatever the attempts in the path; empty if it had not begun. */
  Optional<BegunNode> find(NodePath path) {
    var dataDir = status.path("dataDir").asText();
    if (dataDir.isEmpty()) {
      return Optional.empty();
    }
    var ids = path.containers().stream().map(NodePath.Container::nodeId).toList();
    return find(ids, path.nodeId(), new DataReference(dataDir));
  }

  private Optional<BegunNode> find(List<String> around, String id, DataReference dataDir) {
    var level = status.path("nodeStatus");
    var first = around.isEmpty() ? id : around.getFirst();
    var node = level.path(first);
    var place = dataDir.child(first).child("data");
    for (int i = 1; i <= around.size(); i++) {
      var next = i < around.size() ? around.get(i) : id;
      if (node.isMissingNode() || isSuccess(node)) {
        // Nothing is kept of what is inside of a node that has ended, and so no attempts.
        return isSuccess(node)
            ? insideOf(node, place, around.subList(i, around.size()), id)
            : Optional.empty();
      }
      place = place.child(Integer.toString(attempt(node))).child(next);
      var inside = inside(level, node, around.get(i - 1), next);
      level = inside;
      node = inside.path(next);
    }
    return node.isMissingNode()
        ? Optional.empty()
        : Optional.of(new BegunNode(place, Optional.of(attempt(node)), phase(node)));
  }

  /** A node directly inside of a node that has succeeded; deeper nodes run again. */
  private static Optional<BegunNode> insideOf(
      JsonNode around, DataReference place, List<String> between, String id) {
    return between.isEmpty()
        ? Optional.of(
            new BegunNode(
                place.child(Integer.toString(attempt(around))).child(id),
                Optional.empty(),
                SUCCEEDED))
        : Optional.empty();
  }

  /** The statuses among which a node inside of another is: arms are beside their branch. */
  private static JsonNode inside(JsonNode level, JsonNode node, String id, String next) {
    if (level.path(next).path("parentNode").asText().equals(id)) {
      return level;
    }
    var own = node.path("subNodeStatus");
    return own.has("dynamic-node") ? own.path("dynamic-node").path("subNodeStatus") : own;
  }

  private static boolean isSuccess(JsonNode node) {
    return phase(node) == SUCCEEDED || phase(node) == RECOVERED;
  }

  private static int phase(JsonNode node) {
    return node.path("phase").asInt();
  }

  private static int attempt(JsonNode node) {
    return node.path("attempts").asInt();
  }
}
