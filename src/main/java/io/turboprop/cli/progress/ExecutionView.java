package io.turboprop.cli.progress;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One execution as it was when it was read.
 *
 * @param workflow its name, without project, domain and version
 * @param elapsed since it began, until now or its end; null when it has not begun
 * @param error its message; null without one
 * @param nodes in the order of the graph, without start and end
 */
public record ExecutionView(
    String name,
    String workflow,
    Phase phase,
    @Nullable Duration elapsed,
    @Nullable String error,
    List<NodeView> nodes) {

  public ExecutionView {
    nodes = List.copyOf(nodes);
  }
}
