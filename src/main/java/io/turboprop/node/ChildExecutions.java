package io.turboprop.node;

import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The executions that launch plan nodes start; the assembly binds it to the services that create
 * and abort executions. A failed stage means a failure that may pass; the node actor repeats the
 * call.
 */
public interface ChildExecutions {

  /**
   * Starts an execution, unless it was started before: a repeated call gives the same execution.
   * When the execution ends, {@code Workflows.lookAgain} is called for the node.
   *
   * @return the present status; never {@link ChildStatus.Missing}
   */
  CompletionStage<ChildStatus> start(NewChild child);

  /** The present status of an execution that has been started. */
  CompletionStage<ChildStatus> look(ExecutionId child);

  /** Aborts an execution; does nothing if the execution has ended or does not exist. */
  CompletionStage<Void> abort(ExecutionId child, String cause);

  /**
   * A child execution that a node starts.
   *
   * @param id made from the parent's name, the node and the attempt, as FlytePropeller does
   * @param spec complete, except for the options that admin resolves for every execution
   * @param attempt the node's attempt, from 0
   */
  record NewChild(
      ExecutionId id,
      ExecutionSpec spec,
      Literals inputs,
      AcceptedExecution parent,
      NodePath node,
      int attempt) {}

  /** The status of a child execution. */
  sealed interface ChildStatus {
    /** The child has not ended. */
    record Running() implements ChildStatus {}

    record Succeeded(Values outputs) implements ChildStatus {}

    /**
     * @param error the child's own error; empty when it has none
     */
    record Failed(Optional<ExecutionError> error) implements ChildStatus {}

    record Aborted(String cause) implements ChildStatus {}

    /** The child can't be started, now or later. */
    record Refused(String reason) implements ChildStatus {}

    /** The child was started, and its execution does not exist any more. */
    record Missing() implements ChildStatus {}
  }
}
