package io.turboprop.admin.executions;

import flyteidl.admin.Event.EventErrorAlreadyInTerminalState;
import flyteidl.admin.Event.EventFailureReason;
import flyteidl.core.Execution.WorkflowExecution;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.store.ExecutionRow;
import java.util.List;

/** Refusals that depend on the phase of an execution. */
final class ExecutionPhases {
  private ExecutionPhases() {}

  /** The refusal to abort an ended execution; programs read the phase in the details. */
  static AdminException alreadyEnded(ExecutionRow row) {
    var phase = WorkflowExecution.Phase.forNumber(row.phase());
    var name = phase == null ? WorkflowExecution.Phase.UNDEFINED : phase;
    return new AdminException(
        Code.FAILED_PRECONDITION,
        "execution %s has ended already: it is in phase %s".formatted(row.accepted().id(), name),
        List.of(
            EventFailureReason.newBuilder()
                .setAlreadyInTerminalState(
                    EventErrorAlreadyInTerminalState.newBuilder().setCurrentPhase(name.name()))
                .build()));
  }
}
