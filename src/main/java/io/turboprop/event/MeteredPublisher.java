package io.turboprop.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.AcceptedExecution;
import io.turboprop.workflow.Conclusion;
import io.turboprop.workflow.Plan;
import io.turboprop.workflow.Publisher;
import io.turboprop.workflow.WorkflowEvent;
import io.turboprop.workflow.WorkflowStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what passes on its way to another publisher. Names are FlytePropeller's where they mean
 * the same (engine §11), with underscores for colons, else they begin with {@code turboprop}. What
 * is read again from the journal after a crash is not counted: this JVM did not decide it.
 */
public final class MeteredPublisher implements Publisher {
  private static final String FLYTE = "flyte.propeller.all.";

  private final Publisher publisher;
  private final MeterRegistry metrics;
  private final Counter steps;
  private final Counter events;
  private final Counter accepted;
  private final DistributionSummary acceptanceLatency;
  private final DistributionSummary success;
  private final DistributionSummary failure;
  private final AtomicInteger waiting;

  public MeteredPublisher(Publisher publisher, MeterRegistry metrics) {
    this.publisher = publisher;
    this.metrics = metrics;
    this.steps = metrics.counter("turboprop.journal.steps");
    this.events = metrics.counter("turboprop.journal.events");
    this.accepted = metrics.counter(FLYTE + "workflow.accepted");
    this.acceptanceLatency = metrics.summary(FLYTE + "workflow.acceptance_latency_ms");
    this.success = metrics.summary(FLYTE + "workflow.success_duration_ms");
    this.failure = metrics.summary(FLYTE + "workflow.failure_duration_ms");
    this.waiting = metrics.gauge("turboprop.publisher.waiting.steps", new AtomicInteger());
  }

  @Override
  public CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step) {
    steps.increment();
    events.increment(step.events().size());
    step.events().forEach(event -> count(execution, event));
    return waitedFor(publisher.publish(execution, plan, sequenceNumber, step));
  }

  private CompletionStage<Void> waitedFor(CompletionStage<Void> told) {
    waiting.incrementAndGet();
    return told.whenComplete((_, _) -> waiting.decrementAndGet());
  }

  private void count(AcceptedExecution execution, WorkflowEvent event) {
    switch (event) {
      case WorkflowEvent.Started _ -> {
        accepted.increment();
        acceptanceLatency.record(millis(execution.acceptedAt(), event.at()));
      }
      case WorkflowEvent.Succeeded _ -> success.record(millis(execution.acceptedAt(), event.at()));
      case WorkflowEvent.Failed _ -> failure.record(millis(execution.acceptedAt(), event.at()));
      case WorkflowEvent.Aborted _ ->
          metrics.counter(FLYTE + "workflow.workflow_aborted").increment();
      case WorkflowEvent.NodeSucceeded node -> {
        nodes("succeeded");
        cache(node.conclusion());
      }
      case WorkflowEvent.NodeRecovered _ -> nodes("recovered");
      case WorkflowEvent.NodeFailed _ -> nodes("failed");
      case WorkflowEvent.NodeTimedOut _ -> nodes("timed_out");
      case WorkflowEvent.NodeSkipped _ -> nodes("skipped");
      case WorkflowEvent.NodeAborted _ -> nodes("aborted");
      case WorkflowEvent.NodeRetrying _ -> metrics.counter("turboprop.node.retries").increment();
      case WorkflowEvent.Succeeding _,
          WorkflowEvent.Failing _,
          WorkflowEvent.Aborting _,
          WorkflowEvent.NodeQueued _,
          WorkflowEvent.GraphOpened _,
          WorkflowEvent.GraphEnded _,
          WorkflowEvent.GraphFailing _,
          WorkflowEvent.NodeRunning _,
          WorkflowEvent.NodeAwoken _,
          WorkflowEvent.NodeExpired _,
          WorkflowEvent.NodeRequeued _ -> {}
    }
  }

  private void nodes(String phase) {
    metrics.counter("turboprop.nodes.ended", "phase", phase).increment();
  }

  private void cache(Conclusion conclusion) {
    var name =
        switch (conclusion.cache().status()) {
          case HIT -> "hit";
          case POPULATED -> "put_success";
          case PUT_FAILURE -> "put_failure";
          case SKIPPED -> "skip";
          case MISS -> "miss";
          case LOOKUP_FAILURE -> "get_failure";
          case DISABLED, EVICTED -> "";
        };
    if (!name.isEmpty()) {
      metrics.counter(FLYTE + "discovery_" + name + "_count").increment();
    }
  }

  private static double millis(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e6;
  }

  @Override
  public CompletionStage<Void> catchUp(
      AcceptedExecution execution, Plan plan, long sequenceNumber) {
    return waitedFor(publisher.catchUp(execution, plan, sequenceNumber));
  }

  @Override
  public CompletionStage<Void> passivated(
      AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp) {
    metrics.counter("turboprop.executions.passivated").increment();
    return publisher.passivated(execution, plan, sequenceNumber, wakeUp);
  }

  @Override
  public CompletionStage<Void> setAside(ExecutionId execution, ExecutionError error) {
    metrics.counter("turboprop.executions.set.aside").increment();
    return publisher.setAside(execution, error);
  }
}
