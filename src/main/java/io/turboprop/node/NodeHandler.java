package io.turboprop.node;

import io.turboprop.workflow.state.Progress;
import java.util.concurrent.CompletionStage;

/**
 * How one attempt of one kind of node is run. Every call may be repeated, also after a restart with
 * a new handler, so each is idempotent; no two calls overlap. A stage that fails is a fault of the
 * platform: the call is repeated with back-off.
 */
public interface NodeHandler {

  /** Moves the attempt on, or sees how it stands. */
  CompletionStage<NodeTransition> handle(Progress progress);

  /**
   * Stops the attempt; completes when nothing of it runs any more.
   *
   * @param cause why, for whoever else has to hear of it
   */
  CompletionStage<Void> abort(Progress progress, String cause);

  /** Cleans up once the end of the attempt is recorded, or it has been aborted. */
  CompletionStage<Void> finish(Progress progress);
}
