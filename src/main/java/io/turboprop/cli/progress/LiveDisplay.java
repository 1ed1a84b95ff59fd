package io.turboprop.cli.progress;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws trees at the bottom of a terminal, again for each change. The tree of an execution that has
 * ended scrolls away above the trees of running ones, and so do lines written to {@link #aside()}.
 * The display never draws more than the screen holds, since a cursor cannot move above the top.
 * Thread-safe.
 */
public final class LiveDisplay implements ProgressDisplay {
  private static final String ERASE_BELOW = "\u001b[0J";
  private static final String NO_WRAP = "\u001b[?7l";
  private static final String WRAP = "\u001b[?7h";

  private final PrintStream out;
  private final Pen pen;
  private final int rows;
  private final Map<String, List<String>> trees = new LinkedHashMap<>();
  private int drawn;

  /**
   * @param rows how many lines the terminal has
   */
  public LiveDisplay(PrintStream out, Pen pen, int rows) {
    this.out = out;
    this.pen = pen;
    this.rows = rows;
  }

  /** A stream for other output to this terminal: its lines appear above the trees. */
  public PrintStream aside() {
    return new PrintStream(new Aside(), true, out.charset());
  }

  @Override
  public synchronized void show(ExecutionView execution) {
    var tree = ProgressTree.lines(execution, pen);
    if (execution.phase().isFinal()) {
      trees.remove(execution.name());
      draw(cut(tree));
    } else {
      trees.put(execution.name(), tree);
      draw(List.of());
    }
  }

  @Override
  public synchronized void end(ExecutionView execution) {
    trees.remove(execution.name());
    draw(List.of());
  }

  /** Redraws the display: first lines that stay, below them the trees of running executions. */
  private void draw(List<String> staying) {
    var text = new StringBuilder(NO_WRAP);
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append('A');
    }
    text.append('\r').append(ERASE_BELOW);
    staying.forEach(line -> text.append(line).append('\n'));
    var live = fitting();
    live.forEach(line -> text.append(line).append('\n'));
    drawn = live.size();
    out.print(text.append(WRAP));
    out.flush();
  }

  private List<String> fitting() {
    return cut(trees.values().stream().flatMap(List::stream).toList());
  }

  private List<String> cut(List<String> lines) {
    var room = Math.max(3, rows - 2);
    if (lines.size() <= room) {
      return lines;
    }
    var shown = new ArrayList<>(lines.subList(0, room - 1));
    shown.add("   and " + (lines.size() - shown.size()) + " lines more");
    return shown;
  }

  private synchronized void above(String line) {
    draw(List.of(line));
  }

  /** Collects bytes until a line is complete, so that the display never overwrites half a line. */
  private final class Aside extends OutputStream {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int character) {
      if (character == '\n') {
        above(line.toString(out.charset()).stripTrailing());
        line.reset();
      } else {
        line.write(character);
      }
    }
  }
}
