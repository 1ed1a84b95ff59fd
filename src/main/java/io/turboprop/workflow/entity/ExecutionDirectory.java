package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.plan.Plan;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where an entity reads what it has to execute; bound to tables and caches by the assembly. */
public interface ExecutionDirectory {

  /** An execution that is to be run, and what it has not yet seen. */
  record Found(AcceptedExecution execution, Unseen unseen) {}

  /** The execution of this name; empty when none was accepted, or it has ended. */
  CompletionStage<Optional<Found>> find(ExecutionId id);

  /** What an execution has not yet seen. */
  CompletionStage<Unseen> unseen(AcceptedExecution execution);

  /**
   * The plan with this digest; fails with {@link IllegalStateException} when it was never stored.
   */
  CompletionStage<Plan> plan(String digest);
}
