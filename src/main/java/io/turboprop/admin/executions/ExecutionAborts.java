package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateResponse;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.ExecutionRequestTables;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NewExecution;
import java.time.Clock;

/**
 * Ends executions early. A request is stored first, so that it outlives this process, and then the
 * execution is notified. An execution also reads the stored request when it is loaded.
 *
 * <p>An eager task starts executions like a client, and has no chance to abort them when its own
 * execution is aborted. Such executions carry a label with the name of the eager task's execution,
 * and are aborted with it.
 */
final class ExecutionAborts {
  private final ExecutionReads executions;
  private final ExecutionRequestTables requests;
  private final AbortMessages messages;
  private final Clock clock;

  ExecutionAborts(
      ExecutionReads executions,
      ExecutionRequestTables requests,
      AbortMessages messages,
      Clock clock) {
    this.executions = executions;
    this.requests = requests;
    this.messages = messages;
    this.clock = clock;
  }

  /**
   * Requests the abort of an execution; a repeated request is no error, and the last cause counts.
   *
   * @throws AdminException {@code NOT_FOUND}, or {@code FAILED_PRECONDITION} when it has ended
   */
  public ExecutionTerminateResponse terminateExecution(ExecutionTerminateRequest request) {
    var accepted = executions.find(request.getId()).accepted();
    if (!requests.requestAbort(accepted.number(), request.getCause(), "", clock.instant())) {
      throw ExecutionPhases.alreadyEnded(executions.find(request.getId()));
    }
    messages.send(accepted.id(), request.getCause());
    abortStartedByEager(accepted.id(), request.getCause());
    return ExecutionTerminateResponse.getDefaultInstance();
  }

  /** The same for the engine itself; no error if the execution has ended or does not exist. */
  void abortIfThere(ExecutionId id, String cause) {
    executions
        .known(id)
        .map(ExecutionRow::accepted)
        .ifPresent(accepted -> {
          if (requests.requestAbort(accepted.number(), cause, "", clock.instant())) {
            messages.send(id, cause);
            abortStartedByEager(id, cause);
          }
        });
  }

  private void abortStartedByEager(ExecutionId parent, String reason) {
    var cause =
        "cascading abort as parent execution id [%s] aborted, reason [%s]"
            .formatted(parent.name(), reason);
    for (var child :
        requests.requestAbortOfLabelled(NewExecution.EAGER_LABEL, parent, cause, clock.instant())) {
      messages.send(child, cause);
      abortStartedByEager(child, reason);
    }
  }
}
