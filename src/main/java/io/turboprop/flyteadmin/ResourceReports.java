package io.turboprop.flyteadmin;

import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.event.Event.WorkflowExecutionEvent;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.flyteadmin.EventService.Answer;
import io.turboprop.kubernetes.ResourceEnds;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports resources to FlyteAdmin that have ended and never became executions: they can't run, or
 * were deleted before. There is no journal for them, so the resource's own end waits for the
 * answer.
 */
public final class ResourceReports implements ResourceEnds {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceReports.class);

  private final EventService service;
  private final String producer;
  private final Duration unknownMax;
  private final Clock clock;

  public ResourceReports(FlyteAdminChannel channel, FlyteAdminSettings settings, Clock clock) {
    this.service = new EventService(channel.channel(), settings.connection().callTimeout());
    this.producer = settings.clusterId();
    this.unknownMax = settings.events().unknownMax();
    this.clock = clock;
  }

  @Override
  public void ended(ExecutionId execution, Instant createdAt, Optional<ExecutionError> error)
      throws IOException {
    var event =
        WorkflowExecutionEvent.newBuilder()
            .setExecutionId(EventMessages.executionId(execution))
            .setProducerId(producer)
            .setPhase(
                error.isPresent()
                    ? WorkflowExecution.Phase.FAILED
                    : WorkflowExecution.Phase.ABORTED)
            .setOccurredAt(EventMessages.timestamp(clock.instant()));
    error.map(EventMessages::error).ifPresent(event::setError);
    switch (service.send(event.build())) {
      case Answer.Recorded _, Answer.AlreadyRecorded _, Answer.AlreadyEnded _ -> {}
      case Answer.Unavailable(var message, _) ->
          throw new IOException(
              "the end of %s can't be reported to FlyteAdmin now: %s"
                  .formatted(execution, message));
      case Answer.Unknown(var message) -> {
        // FlyteAdmin creates the resource before it stores the execution.
        if (Duration.between(createdAt, clock.instant()).compareTo(unknownMax) < 0) {
          throw new IOException(
              "FlyteAdmin does not know %s yet, which has ended: %s".formatted(execution, message));
        }
        LOG.warn("FlyteAdmin does not know {}, which has ended: {}", execution, message);
      }
      case Answer refusal ->
          LOG.warn("FlyteAdmin does not take the end of {}: {}", execution, refusal);
    }
  }
}
