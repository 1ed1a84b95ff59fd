package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Remembers what it was told. */
public final class TestingPublisher implements Publisher {
  private final Map<Long, WorkflowStep> steps = new TreeMap<>();
  private final List<Optional<Instant>> passivated = new ArrayList<>();
  private final List<Parking> parked = new ArrayList<>();

  private Function<List<WorkflowEvent>, CompletionStage<Void>> outcomes = _ -> told();
  private int passivationsToFail;
  private CompletionStage<Void> passivationRecorded = told();
  private int timesCaughtUp;

  /** Who is told, at once. */
  public static CompletionStage<Void> told() {
    return CompletableFuture.completedStage(null);
  }

  /**
   * What comes of telling a step from now on, or of catching up: then there are no events.
   *
   * @param outcomes may throw
   */
  public synchronized void answer(Function<List<WorkflowEvent>, CompletionStage<Void>> outcomes) {
    this.outcomes = outcomes;
  }

  /** The next one who wants to leave memory can't have that written down. */
  public synchronized void failNextPassivation() {
    passivationsToFail++;
  }

  /** Passivations are durable when this completes. */
  public synchronized void recordPassivations(CompletionStage<Void> recorded) {
    passivationRecorded = recorded;
  }

  @Override
  public synchronized CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step) {
    steps.put(sequenceNumber, step);
    return outcomes.apply(step.events());
  }

  @Override
  public synchronized CompletionStage<Void> catchUp(
      AcceptedExecution execution, Plan plan, long sequenceNumber) {
    timesCaughtUp++;
    return outcomes.apply(List.of());
  }

  @Override
  public synchronized CompletionStage<Void> passivated(
      AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp) {
    if (passivationsToFail > 0) {
      passivationsToFail--;
      return CompletableFuture.failedFuture(new IllegalStateException("not now"));
    }
    passivated.add(wakeUp);
    return passivationRecorded;
  }

  @Override
  public synchronized CompletionStage<Void> park(ExecutionId execution, Parking parking) {
    parked.add(parking);
    return CompletableFuture.completedFuture(null);
  }

  /** All events in order. */
  public synchronized List<WorkflowEvent> events() {
    return steps.values().stream().flatMap(step -> step.events().stream()).toList();
  }

  public synchronized int timesCaughtUp() {
    return timesCaughtUp;
  }

  public synchronized List<Optional<Instant>> wakeUps() {
    return List.copyOf(passivated);
  }

  public synchronized List<Parking> parked() {
    return List.copyOf(parked);
  }
}
