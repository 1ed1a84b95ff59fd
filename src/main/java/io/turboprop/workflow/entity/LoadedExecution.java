package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * All that an entity has to know before it can read its journal.
 *
 * @param unseen what was stored for the execution when it was read, and the journal may not know
 */
record LoadedExecution(AcceptedExecution execution, LoadedPlans plans, Unseen unseen) {

  /** Reads it; empty when there is nothing to be run under this name. */
  static CompletionStage<Optional<LoadedExecution>> find(
      ExecutionDirectory directory, ExecutionId id) {
    return directory
        .find(id)
        .thenCompose(found ->
            found
                .map(execution -> withPlans(directory, execution))
                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty())));
  }

  private static CompletionStage<Optional<LoadedExecution>> withPlans(
      ExecutionDirectory directory, ExecutionDirectory.Found found) {
    return LoadedPlans.of(directory, found.execution())
        .thenApply(
            plans -> Optional.of(new LoadedExecution(found.execution(), plans, found.unseen())));
  }
}
