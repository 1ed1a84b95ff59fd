package io.turboprop.node;

import io.turboprop.workflow.state.Progress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A handler each of whose calls is over with its answer: between two of them nothing runs, so there
 * is nothing to stop, and nothing to clean up.
 */
interface ImmediateHandler extends NodeHandler {

  @Override
  default CompletionStage<Void> abort(Progress progress, String cause) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  default CompletionStage<Void> finish(Progress progress) {
    return CompletableFuture.completedFuture(null);
  }
}
