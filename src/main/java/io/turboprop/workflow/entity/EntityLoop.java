package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What an entity does with all that it is sent, without actors and without a clock: commands and
 * notifications are collected, decided one write at a time, and the workers made equal to the state
 * after each. The entity carries out what it asks for; so does the simulation of the tests.
 *
 * @param <R> what a worker is known by
 */
final class EntityLoop<R> {

  /** What the loop asks for. */
  interface Outside {

    /** Read what is unseen; the answer goes to {@link EntityLoop#unseenRead}. */
    void readUnseen();

    /** Have these decided and stored as one step, which goes to {@link EntityLoop#stepped}. */
    void decide(List<WorkflowCommand> commands);
  }

  /** What is to be done when a turn is over. */
  enum Next {
    /** Something is under way, and will be heard of. */
    WAIT,
    /** Nothing is under way: see later whether that is still so. */
    REST,
    /** The execution has ended, and everything is published. */
    LEAVE
  }

  private final Inbox inbox;
  private final Notifications notifications = new Notifications();
  private final Reconciliation<R> reconciliation;

  /** How many steps the publisher has been handed and has not yet answered for. */
  private int publishing;

  /**
   * @param alarm sets the alarm, or clears it
   */
  EntityLoop(Inbox inbox, NodeWorkers.Crew<R> crew, Consumer<Optional<Instant>> alarm) {
    this.inbox = inbox;
    this.reconciliation = new Reconciliation<>(crew, alarm);
  }

  Inbox inbox() {
    return inbox;
  }

  Notifications notifications() {
    return notifications;
  }

  NodeWorkers<R> workers() {
    return reconciliation.workers();
  }

  /**
   * Takes up an execution that has just been read back.
   *
   * @param wakeUp when a {@code Tick} is due; empty when no moment is waited for
   */
  void recovered(AcceptedExecution execution, WorkflowState state, Optional<Instant> wakeUp) {
    inbox.putBack();
    if (state instanceof NotStarted) {
      inbox.addFirst(
          new WorkflowCommand.Start(
              execution.planDigest(), execution.inputs(), execution.settings()));
    }
    reconciliation.whole(execution, state, wakeUp);
  }

  /** Begins the next turn, if no write is under way and there is something to decide. */
  Next proceed(WorkflowState state, Outside outside) {
    if (notifications.beginsQuery()) {
      outside.readUnseen();
    }
    if (inbox.isWriting()) {
      return Next.WAIT;
    }
    notifications.commands(state).forEach(inbox::add);
    if (!inbox.isEmpty()) {
      outside.decide(inbox.take());
      return Next.WAIT;
    }
    if (!isIdle()) {
      return Next.WAIT;
    }
    return state instanceof Done ? Next.LEAVE : Next.REST;
  }

  /**
   * Takes note of a step.
   *
   * @param wakeUp when a {@code Tick} is due; empty when no moment is waited for
   * @param decisions one for each command of the turn
   */
  void stepped(
      AcceptedExecution execution,
      WorkflowState state,
      Optional<Instant> wakeUp,
      List<WorkflowEvent> events,
      List<Decision> decisions) {
    inbox.written(decisions);
    reconciliation.after(events, execution, state, wakeUp);
  }

  /** Takes note of what a query has found; empty when the query has failed. */
  void unseenRead(Optional<Unseen> found) {
    found.ifPresent(unseen -> {
      notifications.found(unseen);
      unseen.nodes().forEach(workers()::lookAgain);
    });
    notifications.queryEnded();
  }

  /** Takes note of a message about a node. */
  void notified(NodePath node) {
    notifications.notified(node);
    workers().lookAgain(node);
  }

  /** Notes that a step was handed to the publisher. */
  void publishing() {
    publishing++;
  }

  /** Notes that the publisher has answered for a step. */
  void published() {
    publishing--;
  }

  boolean isPublishing() {
    return publishing > 0;
  }

  /** Whether nothing is under way, so that the entity may leave memory. */
  boolean isIdle() {
    return publishing == 0
        && inbox.isEmpty()
        && !inbox.isWriting()
        && !notifications.awaitsQuery()
        && workers().isEmpty();
  }

  /** Whether an idle entity has nothing to wait for before this moment. */
  boolean mayLeave(Optional<Instant> wakeUp, Instant soon) {
    return isIdle() && wakeUp.filter(soon::isAfter).isEmpty();
  }
}
