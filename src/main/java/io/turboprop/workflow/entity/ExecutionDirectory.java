package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.plan.Plan;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where an entity learns what it has to execute; bound to tables and caches by the guardian. */
public interface ExecutionDirectory {

  /**
   * The execution of this name that is to be run; empty when none was accepted, or it has ended.
   */
  CompletionStage<Optional<AcceptedExecution>> find(ExecutionId id);

  /**
   * The plan with this digest; fails with {@link IllegalStateException} when it was never stored.
   */
  CompletionStage<Plan> plan(String digest);
}
