package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The data that an entity loads before it reads its journal.
 *
 * @param unseen the stored requests and signals that the journal may not know yet
 */
record LoadedExecution(AcceptedExecution execution, LoadedPlans plans, Unseen unseen) {

  /**
   * Loads an execution when its nodes are reserved; empty if no execution of this name is to be
   * run.
   */
  static CompletionStage<Optional<LoadedExecution>> find(
      ExecutionDirectory directory, ExecutionId id, NodeMemoryLimit.Reservation reservation) {
    return directory
        .find(id)
        .thenCompose(found ->
            found
                .map(execution -> withPlans(directory, execution, reservation))
                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty())));
  }

  private static CompletionStage<Optional<LoadedExecution>> withPlans(
      ExecutionDirectory directory,
      ExecutionDirectory.Found found,
      NodeMemoryLimit.Reservation reservation) {
    if (found.unseen().abortCause().isPresent()) {
      reservation.admitForAbort();
    }
    return LoadedPlans.of(directory, found.execution(), found.nodesMade(), reservation)
        .thenApply(
            plans -> Optional.of(new LoadedExecution(found.execution(), plans, found.unseen())));
  }
}
