package io.turboprop.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.data.ExecutionId;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Publisher;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A publisher that counts the steps it hands to another publisher. Steps that are read from the
 * journal after a crash are not counted: this JVM did not decide them.
 */
public final class MeteredPublisher implements Publisher {
  private final Publisher publisher;
  private final Clock clock;
  private final ExecutionMeters executions;
  private final NodeEndMeters nodes;
  private final Counter steps;
  private final Counter events;
  private final DistributionSummary stored;
  private final DistributionSummary lag;
  private final AtomicLong waiting = new AtomicLong();

  public MeteredPublisher(Publisher publisher, Meters meters, Clock clock) {
    this.publisher = publisher;
    this.clock = clock;
    this.executions = new ExecutionMeters(meters);
    this.nodes = new NodeEndMeters(meters);
    this.steps = meters.counter("turboprop.journal.steps", "steps stored in the journal");
    this.events =
        meters.counter("turboprop.journal.events", "events in the steps stored in the journal");
    this.stored =
        meters.summary(
            "turboprop.journal.latency_ms", "time from the decision of a step until it is stored");
    this.lag =
        meters.summary(
            "turboprop.publisher.lag_ms",
            "time from the storing of a step until the tables that clients read have it");
    meters.gauge(
        "turboprop.publisher.waiting.steps",
        "stored steps that are not published yet: all steps of an execution count until its last is"
            + " published, and count twice while they are read from the journal again",
        waiting::get);
  }

  @Override
  public CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step) {
    steps.increment();
    events.increment(step.events().size());
    stored.record(millis(step.events().getFirst().at(), clock.instant()));
    step.events().forEach(event -> count(execution, event));
    var start = System.nanoTime();
    return waitedFor(1, publisher.publish(execution, plan, sequenceNumber, step))
        .thenRun(() -> lag.record((System.nanoTime() - start) / 1e6));
  }

  private CompletionStage<Void> waitedFor(long steps, CompletionStage<Void> published) {
    waiting.addAndGet(steps);
    return published.whenComplete((_, _) -> waiting.addAndGet(-steps));
  }

  private void count(AcceptedExecution execution, WorkflowEvent event) {
    switch (event) {
      case WorkflowEvent.NodeEvent node -> nodes.count(node);
      case WorkflowEvent.Started started -> executions.accepted(execution, started);
      case WorkflowEvent.Succeeded succeeded -> executions.succeeded(execution, succeeded);
      case WorkflowEvent.Failed failed -> executions.failed(execution, failed);
      case WorkflowEvent.Aborted _ -> executions.aborted();
      case WorkflowEvent.Succeeding _, WorkflowEvent.Failing _, WorkflowEvent.Aborting _ -> {}
    }
  }

  /** The time between two moments; 0 if the clocks disagree and it would be negative. */
  static double millis(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toNanos() / 1e6);
  }

  @Override
  public CompletionStage<Void> catchUp(
      AcceptedExecution execution, Plan plan, long sequenceNumber) {
    return waitedFor(
        sequenceNumber - execution.publishedThrough(),
        publisher.catchUp(execution, plan, sequenceNumber));
  }

  @Override
  public CompletionStage<Void> passivated(
      AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp) {
    executions.passivated();
    return publisher.passivated(execution, plan, sequenceNumber, wakeUp);
  }

  @Override
  public CompletionStage<Void> park(ExecutionId execution, Parking parking) {
    executions.parked();
    return publisher.park(execution, parking);
  }
}
