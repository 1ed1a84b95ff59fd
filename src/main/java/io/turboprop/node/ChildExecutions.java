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
 * The executions that launch plan nodes start; bound by the guardian to those who accept and end
 * executions. A stage that fails does so for reasons that may pass.
 */
public interface ChildExecutions {

  /**
   * Starts an execution, unless it was started before: an order may be repeated, and its execution
   * is the same. From then on {@code Workflows.lookAgain} is called for the node when it has ended.
   *
   * @return how it stands now; never {@link ChildStatus.Missing}
   */
  CompletionStage<ChildStatus> start(NewChild order);

  /** How an execution stands that has been started. */
  CompletionStage<ChildStatus> look(ExecutionId child);

  /** Has an execution end; one that has ended, or is not there, is as good. */
  CompletionStage<Void> abort(ExecutionId child, String cause);

  /**
   * A child execution that a node starts.
   *
   * @param id made from the parent's name, the node and the attempt (engine §7.6)
   * @param spec complete but for what admin resolves for every execution
   * @param attempt of the node, from 0
   */
  record NewChild(
      ExecutionId id,
      ExecutionSpec spec,
      Literals inputs,
      AcceptedExecution parent,
      NodePath node,
      int attempt) {}

  /** How a child stands. */
  sealed interface ChildStatus {
    /** It has not ended. */
    record Running() implements ChildStatus {}

    record Succeeded(Values outputs) implements ChildStatus {}

    /**
     * @param error its own; empty when it has none
     */
    record Failed(Optional<ExecutionError> error) implements ChildStatus {}

    record Aborted(String cause) implements ChildStatus {}

    /** It can't be started, now or later. */
    record Refused(String reason) implements ChildStatus {}

    /** It was started, and there is no such execution any more. */
    record Missing() implements ChildStatus {}
  }
}
