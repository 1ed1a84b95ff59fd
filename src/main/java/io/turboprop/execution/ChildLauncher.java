package io.turboprop.execution;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.NewExecution;

/** Launches and ends executions for the engine, by the rules that hold for clients. */
public interface ChildLauncher {

  /** What has become of a request. */
  sealed interface Launch {
    record Accepted() implements Launch {}

    /** There is an execution of this name; nothing has changed. */
    record NameTaken() implements Launch {}

    /**
     * The request is wrong, and will be as often as it is sent.
     *
     * @param message for the user
     */
    record Refused(String message) implements Launch {}
  }

  /**
   * Launches an execution for a node of another.
   *
   * @param request has a name; the principal and the nesting in its metadata count, since the
   *     request comes from the engine
   * @throws RuntimeException when it could not be launched for a reason that may pass
   */
  Launch launch(ExecutionCreateRequest request, NewExecution.Parent parent);

  /** Has an execution end; nothing happens if it has ended, or there is none. */
  void abort(ExecutionId id, String cause);
}
