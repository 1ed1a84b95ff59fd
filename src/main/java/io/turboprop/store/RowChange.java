package io.turboprop.store;

/** A change of one row that clients read. */
public sealed interface RowChange
    permits ExecutionChange, NodeExecutionChange, TaskExecutionChange, ArrayElementChange {

  /** The execution that the row is of, or belongs to. */
  long execution();
}
