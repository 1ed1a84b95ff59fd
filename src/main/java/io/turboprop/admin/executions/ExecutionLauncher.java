package io.turboprop.admin.executions;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.NewExecution;

/** Launches and ends executions for the engine itself, by the rules that hold for clients. */
public final class ExecutionLauncher {
  private final ExecutionCreation creation;
  private final ExecutionAborts aborts;

  ExecutionLauncher(ExecutionCreation creation, ExecutionAborts aborts) {
    this.creation = creation;
    this.aborts = aborts;
  }

  /**
   * Launches an execution for a node of another.
   *
   * @param request has a name; the principal and the nesting in its metadata count, for it comes
   *     from the engine
   * @return whether it was accepted; otherwise there is an execution of this name, and nothing has
   *     changed
   * @throws AdminException as for a client
   */
  public boolean launchChild(ExecutionCreateRequest request, NewExecution.Parent parent) {
    return creation.createChild(request, parent);
  }

  /** Has an execution end; nothing happens if it has ended, or there is none. */
  public void abort(ExecutionId id, String cause) {
    aborts.abortIfThere(id, cause);
  }
}
