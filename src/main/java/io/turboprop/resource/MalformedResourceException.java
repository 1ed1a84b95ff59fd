package io.turboprop.resource;

import java.util.List;
import java.util.stream.Collectors;

/** The document is not a FlyteWorkflow, or can't run. */
public final class MalformedResourceException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * A problem of the document.
   *
   * @param place the position in the document, such as {@code spec.nodes.n0.task}; empty for the
   *     whole
   */
  public record Problem(String place, String reason) {
    @Override
    public String toString() {
      return place.isEmpty() ? reason : place + ": " + reason;
    }
  }

  private final transient List<Problem> problems;

  MalformedResourceException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** All problems, each once; a document of a wrong shape has only that problem. */
  public List<Problem> problems() {
    return problems;
  }
}
