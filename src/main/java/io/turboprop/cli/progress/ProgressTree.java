package io.turboprop.cli.progress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An execution as a tree of text lines: the execution, its nodes, and the nodes inside them. */
public final class ProgressTree {
  private static final int PHASE_WIDTH = Phase.DYNAMIC_RUNNING.label().length();

  private final Pen pen;
  private final int nameWidth;
  private final List<String> lines = new ArrayList<>();

  private ProgressTree(Pen pen, int nameWidth) {
    this.pen = pen;
    this.nameWidth = nameWidth;
  }

  /** At least one line; an error follows its node, indented, a line for each of its lines. */
  public static List<String> lines(ExecutionView execution, Pen pen) {
    var tree = new ProgressTree(pen, widest(execution.nodes(), 0));
    tree.add(execution);
    return List.copyOf(tree.lines);
  }

  /** Seconds with as many digits as are useful: {@code 0.034s}, {@code 4.2s}, {@code 2m05s}. */
  static String text(Duration elapsed) {
    var seconds = elapsed.toMillis() / 1000.0;
    if (seconds >= 60) {
      return String.format(Locale.ROOT, "%dm%02ds", elapsed.toMinutes(), elapsed.toSecondsPart());
    }
    return String.format(Locale.ROOT, seconds < 1 ? "%.3fs" : "%.1fs", seconds);
  }

  private void add(ExecutionView execution) {
    var phase = execution.phase();
    var line = new StringBuilder(pen.mark(phase)).append(' ').append(execution.workflow());
    line.append("  ").append(pen.paint(phase, phase.label())).append("  ");
    appendElapsed(line, execution.elapsed()).append("  ").append(execution.name());
    lines.add(line.toString().stripTrailing());
    addGraph(execution.nodes(), "");
    if (execution.nodes().stream().noneMatch(ProgressTree::tellsAnError)) {
      addError(execution.error(), phase, "   ");
    }
  }

  /** The execution's own error repeats the error of its node, so only the node's is shown. */
  private static boolean tellsAnError(NodeView node) {
    return node.error() != null || node.children().stream().anyMatch(ProgressTree::tellsAnError);
  }

  private void addGraph(List<NodeView> nodes, String indent) {
    for (var i = 0; i < nodes.size(); i++) {
      var last = i == nodes.size() - 1;
      var node = nodes.get(i);
      var inside = indent + (last ? "   " : pen.rail());
      lines.add(indent + (last ? pen.corner() : pen.fork()) + describe(node, indent.length()));
      addError(
          node.error(), node.phase(), inside + (node.children().isEmpty() ? "  " : pen.rail()));
      addGraph(node.children(), inside);
    }
  }

  private String describe(NodeView node, int indent) {
    var line = new StringBuilder(pen.mark(node.phase())).append(' ');
    line.append(padded(node.name(), nameWidth - indent)).append("  ");
    line.append(pen.paint(node.phase(), padded(node.phase().label(), PHASE_WIDTH))).append("  ");
    appendElapsed(line, node.elapsed());
    if (node.attempts() > 1) {
      line.append("  attempt ").append(node.attempts());
    }
    if (node.cacheHit()) {
      line.append("  cached");
    }
    if (!node.id().equals(node.name())) {
      line.append("  ").append(node.id());
    }
    return line.toString().stripTrailing();
  }

  private void addError(@Nullable String error, Phase phase, String indent) {
    if (error != null) {
      ErrorText.brief(error).lines().forEach(line -> lines.add(indent + pen.paint(phase, line)));
    }
  }

  private static StringBuilder appendElapsed(StringBuilder line, @Nullable Duration elapsed) {
    return line.append(String.format("%7s", elapsed == null ? "" : text(elapsed)));
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static int widest(List<NodeView> nodes, int indent) {
    var widest = 0;
    for (var node : nodes) {
      var own = indent + node.name().length();
      widest = Math.max(widest, Math.max(own, widest(node.children(), indent + 3)));
    }
    return widest;
  }
}
