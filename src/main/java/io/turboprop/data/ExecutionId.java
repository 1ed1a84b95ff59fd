package io.turboprop.data;

/** The name of one workflow execution, unique within its project and domain. */
public record ExecutionId(String project, String domain, String name) {
  private static final char SEPARATOR = ':';

  /** {@code project:domain:name}; none of the three holds a colon (checked by the API). */
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
