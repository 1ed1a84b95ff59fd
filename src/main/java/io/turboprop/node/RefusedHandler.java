package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Fails an attempt that can't be run, at once and without retries. */
final class RefusedHandler implements ImmediateHandler {
  private final ExecutionError error;

  RefusedHandler(ExecutionError error) {
    this.error = error;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return CompletableFuture.completedFuture(
        new NodeTransition.Failed(error, false, AttemptSummary.NONE));
  }
}
