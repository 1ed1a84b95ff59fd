package io.turboprop.resource;

import java.util.List;
import java.util.stream.Collectors;

/** A document that is no FlyteWorkflow, or not one that can run. */
public final class MalformedResourceException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * One thing that is wrong.
   *
   * @param place in the document, such as {@code spec.nodes.n0.task}; empty for the whole
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

  /** All that is wrong, each once; a wrong shape comes alone. */
  public List<Problem> problems() {
    return problems;
  }
}
