package io.turboprop.cli.progress;

/** Where the progress of executions is shown. Used by one thread. */
public sealed interface ProgressDisplay permits LiveDisplay, PlainDisplay {

  /** Shows how an execution stands now, in place of what was shown of it before. */
  void show(ExecutionView execution);

  /** Ends what {@link #show} has begun, for an execution whose last tree is printed elsewhere. */
  void end(ExecutionView execution);
}
