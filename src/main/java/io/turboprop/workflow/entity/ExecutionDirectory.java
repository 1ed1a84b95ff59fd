package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.plan.Plan;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Loads executions and plans for entities; the assembly binds it to tables and caches. */
public interface ExecutionDirectory {

  /**
   * An execution to run, and what it has not seen yet.
   *
   * @param nodesMade how many nodes its arrays and dynamic tasks have made, as far as is published
   */
  record Found(AcceptedExecution execution, Unseen unseen, long nodesMade) {}

  /** The execution of this name; empty if none was accepted or it has ended. */
  CompletionStage<Optional<Found>> find(ExecutionId id);

  /** The requests and signals that an execution has not seen yet. */
  CompletionStage<Unseen> unseen(AcceptedExecution execution);

  /**
   * The plan with this digest; fails with {@link IllegalStateException} when it was never stored.
   */
  CompletionStage<Plan> plan(String digest);
}
