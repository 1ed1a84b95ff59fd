package io.turboprop.cli.progress;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of an execution, with the graph inside it.
 *
 * @param id unique in the execution, e.g. {@code n1-0-n0}; equal to {@code name} if it has none
 * @param name the name of the node's task or workflow
 * @param attempts how many there have been; 0 for what is no task or has not begun
 * @param elapsed since it began, until now or its end; null when it has not begun
 * @param cacheHit whether its outputs were taken from the cache
 * @param error its message; null without one
 * @param children in the order of the graph
 */
public record NodeView(
    String id,
    String name,
    Phase phase,
    int attempts,
    @Nullable Duration elapsed,
    boolean cacheHit,
    @Nullable String error,
    List<NodeView> children) {

  public NodeView {
    children = List.copyOf(children);
  }

  /** A node of the workflow that has no node execution yet. */
  static NodeView waiting(String id, String name) {
    return new NodeView(id, name, Phase.UNDEFINED, 0, null, false, null, List.of());
  }
}
