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
 * The loop of an entity, without actors and without a clock. It collects commands and
 * notifications, has them decided in one write at a time, and reconciles the workers with the state
 * after each write. The entity carries out the actions of the loop ({@link Effects}); in tests the
 * simulation does.
 *
 * @param <R> the reference to a worker: an {@code ActorRef}, or in tests a plain object
 */
final class EntityLoop<R> {

  /** The actions that the loop requests of the entity. */
  interface Effects {

    /**
     * Queries the stored requests and signals that the execution has not handled; the result goes
     * to {@link EntityLoop#unseenRead}.
     */
    void readUnseen();

    /**
     * Has these commands decided and stored as one step; the result goes to {@link
     * EntityLoop#stepped}.
     */
    void decide(List<WorkflowCommand> commands);
  }

  /** The entity's next action after a turn. */
  enum Next {
    /**
     * A write, a query, a worker or a publication is under way; its result brings the next turn.
     */
    WAIT,
    /**
     * Nothing is under way. The entity checks after {@code idle-after} whether it is still idle.
     */
    REST,
    /** The execution has ended, and all steps are published. */
    LEAVE
  }

  private final Inbox inbox;
  private final Notifications notifications = new Notifications();
  private final Reconciliation<R> reconciliation;

  /** How many steps the publisher has not completed yet. */
  private int publishing;

  /**
   * @param alarm sets the alarm, or clears it
   */
  EntityLoop(Inbox inbox, NodeWorkers.WorkerSpawner<R> spawner, Consumer<Optional<Instant>> alarm) {
    this.inbox = inbox;
    this.reconciliation = new Reconciliation<>(spawner, alarm);
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
   * Continues an execution after its recovery.
   *
   * @param wakeUp when a {@code Tick} is due; empty if no alarm is set
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
  Next proceed(WorkflowState state, Effects effects) {
    if (notifications.beginsQuery()) {
      effects.readUnseen();
    }
    if (inbox.isWriting()) {
      return Next.WAIT;
    }
    notifications.commands(state).forEach(inbox::add);
    if (!inbox.isEmpty()) {
      effects.decide(inbox.take());
      return Next.WAIT;
    }
    if (!isIdle()) {
      return Next.WAIT;
    }
    return state instanceof Done ? Next.LEAVE : Next.REST;
  }

  /**
   * Handles a stored step.
   *
   * @param wakeUp when a {@code Tick} is due; empty if no alarm is set
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

  /** Handles the result of a query; empty if the query has failed. */
  void unseenRead(Optional<Unseen> found) {
    found.ifPresent(unseen -> {
      notifications.found(unseen);
      unseen.nodes().forEach(workers()::lookAgain);
    });
    notifications.queryEnded();
  }

  /** Handles a notification about a node. */
  void notified(NodePath node) {
    notifications.notified(node);
    workers().lookAgain(node);
  }

  /** Counts a step that was handed to the publisher. */
  void publishing() {
    publishing++;
  }

  /** Counts a step that the publisher has completed. */
  void published() {
    publishing--;
  }

  boolean isPublishing() {
    return publishing > 0;
  }

  /** Whether the entity is idle, so that it may leave memory. */
  boolean isIdle() {
    return publishing == 0
        && inbox.isEmpty()
        && !inbox.isWriting()
        && !notifications.awaitsQuery()
        && workers().isEmpty();
  }

  /** Whether the entity is idle and no {@code Tick} is due before {@code soon}. */
  boolean mayLeave(Optional<Instant> wakeUp, Instant soon) {
    return isIdle() && wakeUp.filter(soon::isAfter).isEmpty();
  }
}
