package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An execution and its status; a column is null while it has no value.
 *
 * @param launched the launch plan, or the task
 * @param userInputs the user's own inputs
 * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
 * @param ended whether nothing will happen any more
 * @param queued whether it has not begun, because its project has enough executions under way
 * @param archived when and by whom it was archived, or brought back
 */
public record ExecutionRow(
    AcceptedExecution accepted,
    EntityId launched,
    EntityId workflow,
    Values userInputs,
    int phase,
    boolean ended,
    Timestamps moments,
    @Nullable Values outputs,
    @Nullable ExecutionError error,
    @Nullable AbortRequest abort,
    boolean archived,
    @Nullable StateChange stateChange,
    @Nullable Parked parked,
    boolean queued) {

  /** The request of a client to abort the execution. */
  public record AbortRequest(String cause, String principal) {}

  /** The parking of the execution, with its time and reason; the engine retries later. */
  public record Parked(Instant at, String reason) {}

  /** The time at which a client last changed its state to archived or active. */
  public record StateChange(Instant at, String by) {}
}
