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

  /** Loads an execution, when there is room for it; empty if there is none of this name to run. */
  static CompletionStage<Optional<LoadedExecution>> find(
      ExecutionDirectory directory, ExecutionId id, NodeAdmission.Room room) {
    return directory
        .find(id)
        .thenCompose(found ->
            found
                .map(execution -> withPlans(directory, execution, room))
                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty())));
  }

  private static CompletionStage<Optional<LoadedExecution>> withPlans(
      ExecutionDirectory directory, ExecutionDirectory.Found found, NodeAdmission.Room room) {
    if (found.unseen().abortCause().isPresent()) {
      room.admitForAbort();
    }
    return LoadedPlans.of(directory, found.execution(), found.nodesMade(), room)
        .thenApply(
            plans -> Optional.of(new LoadedExecution(found.execution(), plans, found.unseen())));
  }
}
