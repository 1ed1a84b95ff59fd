package io.turboprop.admin;

import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateResponse;
import io.turboprop.data.ExecutionId;
import io.turboprop.store.ExecutionTables;
import io.turboprop.workflow.Workflows;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends executions early. The request is stored first, so that it outlives this process, and then
 * the execution is told; whoever wakes it reads the request as well.
 */
final class ExecutionAborts {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionAborts.class);
  private static final int TOLD_MAX = 5;
  private static final Duration BETWEEN = Duration.ofSeconds(5);

  private final ExecutionReads executions;
  private final ExecutionTables tables;
  private final Workflows workflows;
  private final Clock clock;

  ExecutionAborts(
      ExecutionReads executions, ExecutionTables tables, Workflows workflows, Clock clock) {
    this.executions = executions;
    this.tables = tables;
    this.workflows = workflows;
    this.clock = clock;
  }

  /**
   * Asks an execution to end; once more is no error, and the last cause counts.
   *
   * @throws AdminException {@code NOT_FOUND}, or {@code FAILED_PRECONDITION} when it has ended
   */
  ExecutionTerminateResponse terminateExecution(ExecutionTerminateRequest request) {
    var accepted = executions.find(request.getId()).accepted();
    if (!tables.requestAbort(accepted.number(), request.getCause(), "", clock.instant())) {
      throw ExecutionPhases.alreadyEnded(executions.find(request.getId()));
    }
    tell(accepted.id(), request.getCause(), 1);
    return ExecutionTerminateResponse.getDefaultInstance();
  }

  private void tell(ExecutionId id, String cause, int times) {
    workflows
        .abort(id, cause)
        .whenComplete((_, failure) -> {
          if (failure != null) {
            LOG.warn("{} did not hear that it is to end ({} of {})", id, times, TOLD_MAX, failure);
            if (times < TOLD_MAX) {
              CompletableFuture.delayedExecutor(BETWEEN.toMillis(), TimeUnit.MILLISECONDS)
                  .execute(() -> tell(id, cause, times + 1));
            }
          }
        });
  }
}
