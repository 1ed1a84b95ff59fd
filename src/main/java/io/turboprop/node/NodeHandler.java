package io.turboprop.node;

import io.turboprop.workflow.state.Progress;
import java.util.concurrent.CompletionStage;

/**
 * Runs a single attempt of a kind of node. Every call may be repeated, also by a new handler after
 * a restart, so each call is idempotent. Calls do not overlap. A failed stage is a fault of the
 * platform: the actor repeats the call with back-off.
 */
public interface NodeHandler {

  /** Starts or continues the attempt, or reads its status. */
  CompletionStage<NodeTransition> handle(Progress progress);

  /**
   * Stops the attempt; completes when no part of the attempt runs any more.
   *
   * @param cause the reason, which a task's plugin or a child execution is given
   */
  CompletionStage<Void> abort(Progress progress, String cause);

  /** Cleans up once the end of the attempt is recorded, or it has been aborted. */
  CompletionStage<Void> finish(Progress progress);
}
