package io.turboprop.cli.progress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The changes between two views of an execution: a line for each new phase or attempt. */
public final class ProgressChanges {
  private final List<String> lines = new ArrayList<>();
  private final String execution;

  private ProgressChanges(String execution) {
    this.execution = execution;
  }

  /**
   * Inner nodes come after the nodes around them, the execution comes last.
   *
   * @param before null when the execution was not known
   */
  public static List<String> lines(@Nullable ExecutionView before, ExecutionView after) {
    var changes = new ProgressChanges(after.name());
    var known = new HashMap<String, NodeView>();
    if (before != null) {
      collect(before.nodes(), known);
    }
    changes.addNodes(after.nodes(), known);
    if (before == null || before.phase() != after.phase()) {
      var error = after.error() == null ? null : ErrorText.brief(after.error());
      changes.add(after.workflow(), after.phase(), "", after.elapsed(), error);
    }
    return List.copyOf(changes.lines);
  }

  private void addNodes(List<NodeView> nodes, Map<String, NodeView> known) {
    for (var node : nodes) {
      if (isNews(known.get(node.id()), node)) {
        var name = node.id().equals(node.name()) ? node.id() : node.id() + " " + node.name();
        var notes = attempt(node) + (node.cacheHit() ? " (cached)" : "");
        add(name, node.phase(), notes, node.elapsed(), node.error());
      }
      addNodes(node.children(), known);
    }
  }

  private void add(
      String name, Phase phase, String notes, @Nullable Duration elapsed, @Nullable String error) {
    var time = phase.isFinal() && elapsed != null ? " " + ProgressTree.text(elapsed) : "";
    lines.add(execution + " " + name + " " + phase.label() + notes + time);
    if (error != null) {
      error.strip().lines().forEach(line -> lines.add(execution + " " + name + ": " + line));
    }
  }

  private static boolean isNews(@Nullable NodeView before, NodeView after) {
    if (before == null) {
      return after.phase() != Phase.UNDEFINED;
    }
    return before.phase() != after.phase() || before.attempts() != after.attempts();
  }

  private static String attempt(NodeView node) {
    return node.attempts() > 1 ? " (attempt " + node.attempts() + ")" : "";
  }

  private static void collect(List<NodeView> nodes, Map<String, NodeView> known) {
    for (var node : nodes) {
      known.put(node.id(), node);
      collect(node.children(), known);
    }
  }
}
