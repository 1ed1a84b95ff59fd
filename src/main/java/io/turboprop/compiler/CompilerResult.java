package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import java.util.List;

/** The result of compiling a workflow: an executable closure, or all errors. */
public sealed interface CompilerResult {

  /** The workflow with its sub-workflows and tasks, normalised and connected. */
  record Compiled(CompiledWorkflowClosure closure) implements CompilerResult {}

  /** All errors found, each once; never empty. */
  record Rejected(List<CompilerError> errors) implements CompilerResult {
    public Rejected {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a rejection without an error");
      }
    }
  }
}
