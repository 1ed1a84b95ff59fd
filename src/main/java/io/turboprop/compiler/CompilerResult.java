package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import java.util.List;

/** What became of a workflow: a closure that can be executed, or all that is wrong with it. */
public sealed interface CompilerResult {

  /** The workflow with its sub-workflows and tasks, normalised and connected. */
  record Compiled(CompiledWorkflowClosure closure) implements CompilerResult {}

  /** Every error found, each once; never empty. */
  record Rejected(List<CompilerError> errors) implements CompilerResult {
    public Rejected {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a rejection without an error");
      }
    }
  }
}
