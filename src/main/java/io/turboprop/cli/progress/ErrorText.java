package io.turboprop.cli.progress;

import java.util.stream.Collectors;

/** Error messages, shortened for people. */
public final class ErrorText {
  private static final String HEADING = "Message:";
  private static final int LINES_MAX = 4;

  private ErrorText() {}

  /**
   * The part of a flytekit error below "Message:", after its stack trace; the beginning of any
   * other text. A few lines at most, without indentation.
   */
  public static String brief(String message) {
    var heading = message.lastIndexOf(HEADING);
    var essence = heading < 0 ? message : message.substring(heading + HEADING.length());
    return essence
        .stripIndent()
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .limit(LINES_MAX)
        .collect(Collectors.joining("\n"));
  }
}
