package io.turboprop.compiler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;

/**
 * Refuses cycles and nodes that cannot be reached from the start node.
 *
 * <p>Walks depth first over downstream edges, in time linear in the edges, without recursion, so
 * that a chain may be as long as it likes. The first cycle found is the one reported.
 */
final class GraphValidator {
  private final Connections connections;
  private final Set<String> visited = new HashSet<>();

  /** The way from the start node to where we are, and beside it what is left to see from there. */
  private final SequencedSet<String> path = new LinkedHashSet<>();

  private final Deque<Iterator<String>> remaining = new ArrayDeque<>();

  private GraphValidator(Connections connections) {
    this.connections = connections;
  }

  static void validate(Connections connections, Set<String> nodeIds, CompilerErrors errors) {
    var validator = new GraphValidator(connections);
    var cycle = validator.findCycle();
    if (!cycle.isEmpty()) {
      errors.add(
          ErrorCode.CYCLE_DETECTED,
          cycle.getFirst(),
          "the nodes wait for each other: " + String.join(">", cycle));
      return;
    }
    var unreachable =
        nodeIds.stream()
            .filter(id -> !id.equals(Nodes.END) && !validator.visited.contains(id))
            .sorted()
            .toList();
    if (!unreachable.isEmpty()) {
      errors.add(
          ErrorCode.UNREACHABLE_NODES,
          Nodes.START,
          "no way leads from the start node to " + String.join(", ", unreachable));
    }
  }

  /** The first cycle, its first node repeated at the end; empty if there is none. */
  private List<String> findCycle() {
    enter(Nodes.START);
    while (!remaining.isEmpty()) {
      var next = remaining.getLast();
      if (!next.hasNext()) {
        leave();
      } else {
        var id = next.next();
        if (path.contains(id)) {
          return cycleTo(id);
        }
        if (!visited.contains(id)) {
          enter(id);
        }
      }
    }
    return List.of();
  }

  private void enter(String id) {
    visited.add(id);
    path.add(id);
    remaining.addLast(connections.downstreamOf(id).iterator());
  }

  private void leave() {
    remaining.removeLast();
    path.removeLast();
  }

  private List<String> cycleTo(String id) {
    var cycle = new ArrayList<>(path.stream().dropWhile(step -> !step.equals(id)).toList());
    cycle.add(id);
    return cycle;
  }
}
