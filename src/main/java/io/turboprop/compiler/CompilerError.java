package io.turboprop.compiler;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * One reason why something does not compile.
 *
 * @param nodeId the node in question, local to its workflow; a field such as {@code resources.CPU}
 *     where a task is refused
 */
public record CompilerError(ErrorCode code, String nodeId, String description) {

  /** Renders it in Flyte's form: {@code Code: …, Node Id: …, Description: …}. */
  public String render() {
    return "Code: " + code.text() + ", Node Id: " + nodeId + ", Description: " + description;
  }

  /** Renders several, one per line, in their order. */
  public static String render(Collection<CompilerError> errors) {
    return errors.stream().map(CompilerError::render).collect(Collectors.joining("\n"));
  }

  @Override
  public String toString() {
    return render();
  }
}
