package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * Publishes recorded steps to the tables that clients read. The entity hands over each step of an
 * execution once, in order, after it is in the journal.
 */
public interface Publisher {

  /**
   * Takes over one step; never blocks. The execution counts as active from then on: its wake-up
   * time is cleared.
   *
   * @param sequenceNumber the step's number in the journal; steps are consecutive
   * @return completes when the step is published. Fails if this step or an earlier one can't be
   *     published; afterwards {@link #catchUp} publishes them again. If the publisher has stopped,
   *     the failure is a {@link RejectedExecutionException}, which counts as an outage and not as a
   *     fault of the execution.
   */
  CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step);

  /**
   * Publishes steps that were recorded before this JVM owned the execution: reads the journal from
   * the last published step on.
   *
   * @param sequenceNumber the last step in the journal
   * @return as that of {@link #publish}
   */
  CompletionStage<Void> catchUp(AcceptedExecution execution, Plan plan, long sequenceNumber);

  /**
   * Records that an execution leaves memory, with the time at which the waker activates it. Does
   * nothing if a later step has been recorded.
   *
   * @param sequenceNumber the last step in the journal
   * @param wakeUp empty if the execution waits only for notifications
   * @return completes when the record is durable
   */
  CompletionStage<Void> passivated(
      AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp);

  /**
   * Marks an execution as parked: clients see its last phase with the reason, and it is due again
   * at a later time. The next published step ends the parking.
   */
  CompletionStage<Void> park(ExecutionId execution, Parking parking);

  /**
   * The reason and the duration of a parking.
   *
   * @param reason the reason, for users
   * @param until when it is retried at the latest
   * @param abortSeen whether the entity has seen a request to abort and could not carry it out; an
   *     unseen request makes the execution due at once
   */
  record Parking(String reason, Instant until, boolean abortSeen) {}
}
