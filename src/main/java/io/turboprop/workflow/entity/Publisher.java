package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * Tells the world what has been recorded: read tables, clients, other control planes. Each step of
 * an execution is handed over once, in order, after it is in the journal.
 */
public interface Publisher {

  /**
   * Takes over one step; never blocks. The execution counts as active from then on: its wake-up
   * time is cleared.
   *
   * @param sequenceNumber the step's number in the journal; steps are consecutive
   * @return completes once everybody has been told. Fails when this step can't be told, or one
   *     before it; after that, {@link #catchUp} tells all of them again. It is an outage, and no
   *     fault of the execution, when the publisher has stopped: then the reason is a {@link
   *     RejectedExecutionException}.
   */
  CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step);

  /**
   * Tells what was recorded before this JVM knew the execution: reads the journal from the last
   * published step on.
   *
   * @param sequenceNumber the last step in the journal
   * @return as that of {@link #publish}
   */
  CompletionStage<Void> catchUp(AcceptedExecution execution, Plan plan, long sequenceNumber);

  /**
   * Tells that an execution is no longer held in memory, so that it is woken when it is time. Says
   * nothing if a step has been recorded since.
   *
   * @param sequenceNumber the last step in the journal
   * @param wakeUp empty when it waits for no moment, but to be told something
   * @return completes once this is durable
   */
  CompletionStage<Void> passivated(
      AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp);

  /**
   * This engine can't go on with an execution for now: it is shown as what it was, with the reason,
   * and is due again at a moment. Whatever is published of it afterwards ends that.
   */
  CompletionStage<Void> park(ExecutionId execution, Parking parking);

  /**
   * Why an execution is parked, and for how long.
   *
   * @param reason for people
   * @param until when it is tried again, if nothing else has it tried before
   * @param abortSeen whether a request to abort it has been seen, and could not be met; an unseen
   *     one has the execution tried again at once
   */
  record Parking(String reason, Instant until, boolean abortSeen) {}
}
