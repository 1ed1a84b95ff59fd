package io.turboprop.compiler;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * An error that keeps a task or workflow from compiling.
 *
 * @param nodeId the node with the error, local to its workflow; for a task, a field such as {@code
 *     resources.CPU}
 */
public record CompilerError(ErrorCode code, String nodeId, String description) {

  /** Renders it in Flyte's form: {@code Code: …, Node Id: …, Description: …}. */
  public String render() {
    return "Code: " + code.text() + ", Node Id: " + nodeId + ", Description: " + description;
  }

  /** Renders several errors, one per line, in their order. */
  public static String render(Collection<CompilerError> errors) {
    return errors.stream().map(CompilerError::render).collect(Collectors.joining("\n"));
  }

  @Override
  public String toString() {
    return render();
  }
}
