package io.turboprop.store;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The change that consecutive steps of the journal make in the row of one execution; null leaves a
 * column as it is.
 *
 * @param number the key of the row
 * @param after the sequence number that the row must show for this change to be its next
 * @param through the sequence number that the row shows afterwards
 * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
 * @param ended whether nothing will happen any more
 * @param nodesMade how many nodes were made at run time, in addition to those that the row knows
 * @param sleep whether the execution has left memory; null while an entity holds it
 */
public record ExecutionChange(
    long number,
    long after,
    long through,
    @Nullable Integer phase,
    boolean ended,
    Timestamps moments,
    @Nullable Values outputs,
    @Nullable ExecutionError error,
    @Nullable String abortCause,
    long nodesMade,
    @Nullable Sleep sleep)
    implements RowChange {

  /** The sleep of an execution, with its wake-up time; empty if it waits for a notification. */
  public record Sleep(Optional<Instant> until) {}

  @Override
  public long execution() {
    return number;
  }

  /** A change that only says how far the row is. */
  public static ExecutionChange step(long number, long sequenceNumber, Instant at) {
    var moments = new Timestamps(null, null, at, null);
    return new ExecutionChange(
        number,
        sequenceNumber - 1,
        sequenceNumber,
        null,
        false,
        moments,
        null,
        null,
        null,
        0,
        null);
  }

  /** The change that records the sleep of an execution after a step. */
  public static ExecutionChange sleep(long number, long sequenceNumber, Sleep sleep, Instant at) {
    var moments = new Timestamps(null, null, at, null);
    return new ExecutionChange(
        number, sequenceNumber, sequenceNumber, null, false, moments, null, null, null, 0, sleep);
  }

  /** This change, and another phase. */
  public ExecutionChange with(int phase, Timestamps moments) {
    return and(phase, false, moments, null, null, null);
  }

  /** This change, and the end. */
  public ExecutionChange ended(int phase, Instant at) {
    return and(phase, true, new Timestamps(null, null, at, at), null, null, null);
  }

  /** This change, and outputs. */
  public ExecutionChange with(Values outputs) {
    return and(null, false, moments, outputs, null, null);
  }

  /** This change, and an error. */
  public ExecutionChange with(ExecutionError error) {
    return and(null, false, moments, null, error, null);
  }

  /** This change, and why it was aborted. */
  public ExecutionChange aborted(String cause) {
    return and(null, false, moments, null, null, cause);
  }

  /** This change, and further nodes that were made at run time. */
  public ExecutionChange made(long nodes) {
    return new ExecutionChange(
        number,
        after,
        through,
        phase,
        ended,
        moments,
        outputs,
        error,
        abortCause,
        nodesMade + nodes,
        sleep);
  }

  private ExecutionChange and(
      @Nullable Integer phase,
      boolean ended,
      Timestamps moments,
      @Nullable Values outputs,
      @Nullable ExecutionError error,
      @Nullable String abortCause) {
    return then(
        new ExecutionChange(
            number, through, through, phase, ended, moments, outputs, error, abortCause, 0, sleep));
  }

  /**
   * This change and the next.
   *
   * @throws IllegalArgumentException when there is a gap between the two
   */
  public ExecutionChange then(ExecutionChange next) {
    if (next.number != number || next.after != through) {
      throw new IllegalArgumentException("not consecutive: " + this + ", " + next);
    }
    return new ExecutionChange(
        number,
        after,
        next.through,
        next.phase == null ? phase : next.phase,
        ended || next.ended,
        moments.then(next.moments),
        next.outputs == null ? outputs : next.outputs,
        next.error == null ? error : next.error,
        next.abortCause == null ? abortCause : next.abortCause,
        nodesMade + next.nodesMade,
        next.sleep);
  }
}
