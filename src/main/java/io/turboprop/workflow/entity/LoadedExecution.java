package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** All that an entity has to know before it can read its journal. */
record LoadedExecution(AcceptedExecution execution, LoadedPlans plans) {

  /** Reads it; empty when there is nothing to be run under this name. */
  static CompletionStage<Optional<LoadedExecution>> find(
      ExecutionDirectory directory, ExecutionId id) {
    return directory
        .find(id)
        .thenCompose(found ->
            found
                .map(accepted ->
                    LoadedPlans.of(directory, accepted)
                        .thenApply(plans -> Optional.of(new LoadedExecution(accepted, plans))))
                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty())));
  }
}
