package io.turboprop.node;

import io.turboprop.workflow.state.Progress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A handler whose work ends with each call: nothing runs between two calls, so there is nothing to
 * stop or to clean up.
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
