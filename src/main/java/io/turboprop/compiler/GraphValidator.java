package io.turboprop.compiler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;

/**
 * Refuses cycles and nodes that cannot be reached from the start node.
 *
 * <p>Searches depth first over downstream edges, in time linear in the edges, and without
 * recursion, so that the length of a chain is not limited. Reports the first cycle that it finds.
 */
public final class GraphValidator {
  private final Function<String, SortedSet<String>> downstream;
  private final Set<String> visited = new HashSet<>();

  /** From the start node to the node being visited. */
  private final SequencedSet<String> path = new LinkedHashSet<>();

  /** For each node of {@link #path}, its downstream nodes that are not visited yet. */
  private final Deque<Iterator<String>> remaining = new ArrayDeque<>();

  private GraphValidator(Function<String, SortedSet<String>> downstream) {
    this.downstream = downstream;
  }

  /**
   * Checks a graph.
   *
   * @param downstream the nodes that wait for each node, sorted
   * @param nodeIds all nodes of the graph
   * @return the errors of the graph
   */
  public static Optional<CompilerError> validate(
      Function<String, SortedSet<String>> downstream, Set<String> nodeIds) {
    var validator = new GraphValidator(downstream);
    var cycle = validator.findCycle();
    if (!cycle.isEmpty()) {
      return Optional.of(
          new CompilerError(
              ErrorCode.CYCLE_DETECTED,
              cycle.getFirst(),
              "the nodes wait for each other: " + String.join(">", cycle)));
    }
    var unreachable =
        nodeIds.stream()
            .filter(id -> !id.equals(Nodes.END) && !validator.visited.contains(id))
            .sorted()
            .toList();
    return unreachable.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new CompilerError(
                ErrorCode.UNREACHABLE_NODES,
                Nodes.START,
                "no way leads from the start node to " + String.join(", ", unreachable)));
  }

  /** The first cycle, with its first node repeated at the end; empty if there is no cycle. */
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
    remaining.addLast(downstream.apply(id).iterator());
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
