package io.turboprop.cli.progress;

/** Shows the progress of executions. Used by one thread. */
public sealed interface ProgressDisplay permits LiveDisplay, PlainDisplay {

  /** Shows an execution, in place of the view shown before. */
  void show(ExecutionView execution);

  /** Removes an execution from the display; its last tree is printed elsewhere. */
  void end(ExecutionView execution);
}
