package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.execution.ChildLauncher;
import io.turboprop.store.NewExecution;

/** Launches and aborts child executions, like a client. */
final class ExecutionLauncher implements ChildLauncher {
  private final ExecutionCreation creation;
  private final ExecutionAborts aborts;

  ExecutionLauncher(ExecutionCreation creation, ExecutionAborts aborts) {
    this.creation = creation;
    this.aborts = aborts;
  }

  @Override
  public Launch launch(ExecutionCreateRequest request, NewExecution.Parent parent) {
    try {
      return creation.createChild(request, parent) ? new Launch.Accepted() : new Launch.NameTaken();
    } catch (AdminException refusal) {
      if (refusal.code() == Code.UNAVAILABLE) {
        throw new LaunchHeldUpException(refusal);
      }
      if (refusal.mayPass()) {
        throw refusal;
      }
      return new Launch.Refused(String.valueOf(refusal.getMessage()));
    }
  }

  @Override
  public void abort(ExecutionId id, String cause) {
    aborts.abortIfThere(id, cause);
  }
}
