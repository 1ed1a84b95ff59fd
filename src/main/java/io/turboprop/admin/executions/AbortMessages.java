package io.turboprop.admin.executions;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.entity.Workflows;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies executions of aborts, and repeats a notification until the execution has acknowledged
 * it. A missing answer, or the answer of a busy execution, is no acknowledgement. After a number of
 * tries the notification stops, since the stored request is also read when the waker next activates
 * the execution.
 */
final class AbortMessages {
  private static final Logger LOG = LoggerFactory.getLogger(AbortMessages.class);
  private static final int TIMES_MAX = 12;

  private final Workflows workflows;
  private final Duration between;

  /**
   * @param between the pause before a repeated notification
   */
  AbortMessages(Workflows workflows, Duration between) {
    this.workflows = workflows;
    this.between = between;
  }

  /** Returns at once. */
  void send(ExecutionId id, String cause) {
    send(id, cause, 1);
  }

  private void send(ExecutionId id, String cause, int times) {
    workflows
        .abort(id, cause)
        .whenComplete((reply, failure) ->
            notHeard(reply, failure).ifPresent(why -> sendAgain(id, cause, times, why)));
  }

  private static Optional<String> notHeard(@Nullable Reply reply, @Nullable Throwable failure) {
    if (failure != null) {
      return Optional.of(failure.toString());
    }
    return reply instanceof Reply.Rejected(var reason, var message)
            && reason == Decision.Reason.BUSY
        ? Optional.of(message)
        : Optional.empty();
  }

  private void sendAgain(ExecutionId id, String cause, int times, String why) {
    LOG.warn("{} has not acknowledged its abort ({} of {}): {}", id, times, TIMES_MAX, why);
    if (times < TIMES_MAX) {
      CompletableFuture.delayedExecutor(between.toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> send(id, cause, times + 1));
    }
  }
}
