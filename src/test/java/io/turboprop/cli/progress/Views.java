package io.turboprop.cli.progress;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Views for tests. */
final class Views {
  static final Pen ASCII = new Pen(false, false);
  static final Pen UNICODE = new Pen(true, false);

  private Views() {}

  static ExecutionView execution(Phase phase, NodeView... nodes) {
    return new ExecutionView(
        "a1b2", "training", phase, Duration.ofMillis(4210), null, List.of(nodes));
  }

  static NodeView node(String id, String name, Phase phase, NodeView... children) {
    return new NodeView(id, name, phase, 1, Duration.ofMillis(34), false, null, List.of(children));
  }

  static NodeView attempt(NodeView node, int attempts, @Nullable String error) {
    return new NodeView(
        node.id(),
        node.name(),
        node.phase(),
        attempts,
        node.elapsed(),
        node.cacheHit(),
        error,
        node.children());
  }
}
