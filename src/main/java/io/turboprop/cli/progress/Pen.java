package io.turboprop.cli.progress;

import java.nio.charset.Charset;

/**
 * The characters and colours that an output stream can show.
 *
 * @param unicode whether it shows lines and check marks; otherwise plain ASCII
 * @param color whether it shows ANSI colours
 */
public record Pen(boolean unicode, boolean color) {
  private static final String SAMPLE = "├└│─✔✘●○";

  /** The pen for a stream of this character set; colours only in a terminal that wants them. */
  public static Pen of(Charset charset, boolean terminal) {
    var wanted = System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
    return new Pen(charset.newEncoder().canEncode(SAMPLE), terminal && wanted);
  }

  String fork() {
    return unicode ? "├─ " : "|- ";
  }

  String corner() {
    return unicode ? "└─ " : "`- ";
  }

  String rail() {
    return unicode ? "│  " : "|  ";
  }

  String mark(Phase phase) {
    var mark =
        switch (phase.kind()) {
          case WAITING -> unicode ? "○" : ".";
          case UNDER_WAY -> unicode ? "●" : ">";
          case GOOD -> unicode ? "✔" : "+";
          case LEFT_OUT -> "-";
          case BAD -> unicode ? "✘" : "x";
        };
    return paint(phase, mark);
  }

  String paint(Phase phase, String text) {
    return switch (phase.kind()) {
      case WAITING, LEFT_OUT -> paint("2", text);
      case UNDER_WAY -> paint("36", text);
      case GOOD -> paint("32", text);
      case BAD -> paint("31", text);
    };
  }

  private String paint(String code, String text) {
    return color ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
