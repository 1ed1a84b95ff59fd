package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import org.jspecify.annotations.Nullable;

/**
 * The change of the row of one attempt of a task; null leaves a column as it is.
 *
 * @param task null for a change that says nothing unless the row is there: the attempt may never
 *     have begun
 * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
 * @param details replaces what is there: a serialized {@code flyteidl.event.TaskExecutionEvent}
 * @param reasons is appended to what is there: another one, so that the whole is one again
 * @param elements how many an array has; null for a task
 */
public record TaskExecutionChange(
    Key key,
    @Nullable EntityId task,
    int phase,
    int phaseVersion,
    Timestamps moments,
    StartUp startUp,
    @Nullable ByteString details,
    ByteString reasons,
    @Nullable ExecutionError error,
    @Nullable Integer elements)
    implements RowChange {
  /** {@code flyteidl.core.TaskExecution.Phase.SUCCEEDED}. */
  static final int SUCCEEDED = 3;

  /** The change of an attempt of a task. */
  public TaskExecutionChange(
      Key key,
      @Nullable EntityId task,
      int phase,
      int phaseVersion,
      Timestamps moments,
      StartUp startUp,
      @Nullable ByteString details,
      ByteString reasons,
      @Nullable ExecutionError error) {
    this(key, task, phase, phaseVersion, moments, startUp, details, reasons, error, null);
  }

  /**
   * Which row.
   *
   * @param attempt from 0
   */
  public record Key(long execution, String nodeId, int attempt) {}

  @Override
  public long execution() {
    return key.execution();
  }

  /**
   * This change and a later one of the same attempt. One that has succeeded stays so: its node may
   * still fail by the graph that the task has made.
   */
  public TaskExecutionChange then(TaskExecutionChange later) {
    if (phase == SUCCEEDED) {
      return this;
    }
    return new TaskExecutionChange(
        key,
        task == null ? later.task : task,
        later.phase,
        later.phaseVersion,
        moments.then(later.moments),
        startUp.then(later.startUp),
        later.details == null ? details : later.details,
        reasons.concat(later.reasons),
        later.error == null ? error : later.error,
        later.elements == null ? elements : later.elements);
  }
}
