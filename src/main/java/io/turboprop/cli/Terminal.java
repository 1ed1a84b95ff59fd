package io.turboprop.cli;

import io.turboprop.cli.progress.LiveDisplay;
import io.turboprop.cli.progress.Pen;
import io.turboprop.cli.progress.PlainDisplay;
import io.turboprop.cli.progress.ProgressDisplay;

/**
 * The terminal of this process, if it has one. Java cannot tell whether stderr alone is a terminal;
 * the launcher tells it, in the properties {@code turboprop.terminal.stdout} and {@code .stderr}.
 */
final class Terminal {
  private static final int ROWS_UNLESS_KNOWN = 24;

  private Terminal() {}

  static boolean isStandardError() {
    return Boolean.getBoolean("turboprop.terminal.stderr");
  }

  /**
   * Shows progress on stderr: trees in a terminal, with logs above them; else a line per change.
   */
  static ProgressDisplay display() {
    if (!isStandardError()) {
      return new PlainDisplay(System.err);
    }
    var rows = Integer.getInteger("turboprop.terminal.rows", ROWS_UNLESS_KNOWN);
    var live = new LiveDisplay(System.err, Pen.of(System.err.charset(), true), rows);
    System.setErr(live.aside());
    return live;
  }

  static Pen penOfStandardOutput() {
    return Pen.of(System.out.charset(), Boolean.getBoolean("turboprop.terminal.stdout"));
  }
}
