package io.turboprop.execution;

import flyteidl.admin.ExecutionOuterClass.ExecutionCreateRequest;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.NewExecution;

/** Launches and aborts executions for the engine, by the same rules as for clients. */
public interface ChildLauncher {

  /** The result of a request. */
  sealed interface Launch {
    record Accepted() implements Launch {}

    /** An execution of this name exists already; nothing has changed. */
    record NameTaken() implements Launch {}

    /**
     * The request is invalid, and repeating it does not help.
     *
     * @param message the message for the user
     */
    record Refused(String message) implements Launch {}
  }

  /**
   * Launches an execution for a node of another execution.
   *
   * @param request the request, which has a name; its metadata's principal and nesting are trusted,
   *     since the request comes from the engine
   * @throws RuntimeException when the launch failed for a reason that may pass
   */
  Launch launch(ExecutionCreateRequest request, NewExecution.Parent parent);

  /** Aborts an execution; does nothing if the execution has ended or does not exist. */
  void abort(ExecutionId id, String cause);
}
