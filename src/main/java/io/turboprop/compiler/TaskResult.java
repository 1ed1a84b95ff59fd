package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledTask;
import java.util.List;

/** What became of a task. */
public sealed interface TaskResult {

  /** The task, ready to be referred to. */
  record Compiled(CompiledTask task) implements TaskResult {}

  /** Every error found, each once; never empty. */
  record Rejected(List<CompilerError> errors) implements TaskResult {
    public Rejected {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a rejection without an error");
      }
    }
  }
}
