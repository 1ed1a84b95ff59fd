package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import java.util.List;

/** The result of compiling a task. */
public sealed interface TaskResult {

  /** The compiled task. */
  record Compiled(CompiledTask task) implements TaskResult {}

  /** All errors found, each once; never empty. */
  record Rejected(List<CompilerError> errors) implements TaskResult {
    public Rejected {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a rejection without an error");
      }
    }
  }
}
