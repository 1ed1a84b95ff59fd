package io.turboprop.node;

import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.state.Progress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another handler that an outage of the database or of the blob store does not fail: the call is
 * made again, however often, with a pause that doubles. So an outage costs no attempt.
 */
final class OutageTolerantHandler implements NodeHandler {
  private static final Logger LOG = LoggerFactory.getLogger(OutageTolerantHandler.class);
  private static final Duration PAUSE_MIN = Duration.ofMillis(200);
  private static final int DOUBLINGS_MAX = 6;

  private final Assignment assignment;
  private final NodeHandler handler;
  private int outages;

  OutageTolerantHandler(Assignment assignment, NodeHandler handler) {
    this.assignment = assignment;
    this.handler = handler;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return handler
        .handle(progress)
        .handle((transition, failure) -> {
          if (failure == null) {
            outages = 0;
            return CompletableFuture.completedFuture(transition);
          }
          return Outages.isOutage(failure)
              ? CompletableFuture.<NodeTransition>completedFuture(later(progress, failure))
              : CompletableFuture.<NodeTransition>failedFuture(failure);
        })
        .thenCompose(outcome -> outcome);
  }

  private NodeTransition later(Progress progress, Throwable failure) {
    var pause = PAUSE_MIN.multipliedBy(1L << Math.min(outages, DOUBLINGS_MAX));
    outages++;
    LOG.warn("{}: is tried again in {}: {}", assignment.work(), pause, failure.toString());
    return new NodeTransition.Running(progress, new LookAgain.After(pause));
  }

  @Override
  public CompletionStage<Void> abort(Progress progress, String cause) {
    return handler.abort(progress, cause);
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return handler.finish(progress);
  }
}
