package io.turboprop.data;

import java.util.regex.Pattern;

/** The name of one workflow execution, unique within its project and domain. */
public record ExecutionId(String project, String domain, String name) {
  private static final char SEPARATOR = ':';
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Pattern PLACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /** Whether a text may be the name of an execution. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether a text may be a project or a domain of an execution. */
  public static boolean isPlace(String text) {
    return PLACE.matcher(text).matches();
  }

  /**
   * {@code project:domain:name}; none of the three holds a colon (the API and the FlyteWorkflow
   * resources check it).
   */
  public String text() {
    return project + SEPARATOR + domain + SEPARATOR + name;
  }

  /**
   * The inverse of {@link #text()}.
   *
   * @throws IllegalArgumentException when the text does not have three parts
   */
  public static ExecutionId parse(String text) {
    var parts = text.split(String.valueOf(SEPARATOR), -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not project:domain:name: '" + text + "'");
    }
    return new ExecutionId(parts[0], parts[1], parts[2]);
  }

  @Override
  public String toString() {
    return text();
  }
}
