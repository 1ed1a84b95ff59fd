package io.turboprop.store;

/** What is to be changed in one row that clients read. */
public sealed interface RowChange
    permits ExecutionChange, NodeExecutionChange, TaskExecutionChange, ArrayElementChange {

  /** The execution that the row is of, or belongs to. */
  long execution();
}
