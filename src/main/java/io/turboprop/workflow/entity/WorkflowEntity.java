package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.WorkflowState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor.SignalTarget;
import org.apache.pekko.actor.typed.BehaviorSignalInterceptor;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.SnapshotAdapter;

/**
 * The actor of one execution: the shell around {@link
 * io.turboprop.workflow.decide.WorkflowMachine}. Its memory may be lost at any time: the entity
 * recovers from the tables and the journal.
 *
 * <p>Its life has phases, a behavior each:
 *
 * <pre>
 * LoadingEntity ─────▶ RecoveringEntity ────▶ ActiveEntity ────────────────▶ LeavingEntity
 * reads what to run    replays the journal    decides, stores, publishes    asks the shard to stop it
 *       ▲                                           │
 *       │ after a pause                             │ a failure, in this or an earlier phase
 *       └──────────────── BackingOffEntity ◀────────┤
 *                                                   │ an execution that is parked or has another owner
 *                                                   ╰──▶ DrainingEntity
 *                                                        waits for its workers and stops
 * </pre>
 */
public final class WorkflowEntity {
  private WorkflowEntity() {}

  /** A message to an entity; the public ones may come from another node of the cluster. */
  public sealed interface Message {}

  /**
   * Start or continue the execution, and read the stored requests and signals that its journal does
   * not contain yet.
   */
  public record Activate() implements Message {}

  /**
   * A client's command; abort is the only one. The entity replies when the command is stored or
   * refused.
   */
  public record Ask(WorkflowCommand.Abort command, ActorRef<Reply> replyTo) implements Message {}

  /** Call the node's worker again: the event that it waits for may have happened. */
  public record LookAgain(NodePath node) implements Message {}

  /** Stop: the shard passivates the entity or hands it over to another node of the cluster. */
  public record Stop() implements Message {}

  /** The execution was loaded; empty if it was never accepted or has ended. */
  record Loaded(Optional<LoadedExecution> found) implements Message {}

  /** Loading the execution has failed. */
  record LoadFailed(Throwable cause) implements Message {}

  /** The pause after a failure is over; load the execution again. */
  record Load() implements Message {}

  /** An answer of the journal, the entity's child. */
  record FromJournal(WorkflowJournal.Answer answer) implements Message {}

  /** A worker has reported a result, or the start of a graph inside its node. */
  record Reported(NodeReport report) implements Message {}

  /** The plan of the graph that this report opens was read; handle the report again. */
  record PlanRead(NodeReport.Opened report, Plan plan) implements Message {}

  /**
   * The nodes of the graph that this report opens are reserved ({@link NodeMemoryLimit}); handle
   * the report again.
   */
  record Admitted(NodeReport.Opened report) implements Message {}

  /** The plan of the graph that this report opens could not be read. */
  record PlanUnreadable(NodeReport report, Throwable cause) implements Message {}

  /** The stored requests and signals that the journal does not contain yet. */
  record UnseenRead(Unseen unseen) implements Message {}

  /** The query for {@link UnseenRead} has failed. */
  record UnseenUnreadable(Throwable cause) implements Message {}

  /** The alarm that was set for this moment is due. */
  record Tick(Instant at) implements Message {}

  /**
   * The result of a publication; {@code journal} is the one that was open when the step was handed
   * to the publisher.
   */
  record Published(ActorRef<WorkflowJournal.Decide> journal, Optional<Throwable> failure)
      implements Message {}

  /** The entity was idle when this timer started; passivate if it still is. */
  record CheckIdle() implements Message {}

  /**
   * The result of recording when the passivated execution has to wake up.
   *
   * @param sequenceNumber the last step at the time of the request
   */
  record PassivationRecorded(long sequenceNumber, Optional<Throwable> failure) implements Message {}

  /** The result of parking the execution. */
  record Parked(Optional<Throwable> failure) implements Message {}

  /** A worker or the journal has stopped because of a failure. */
  record ChildGone(ActorRef<Void> child, Throwable cause) implements Message {}

  /** The reply to {@link Ask}. */
  public sealed interface Reply {
    record Accepted() implements Reply {}

    record Rejected(Decision.Reason reason, String message) implements Reply {}
  }

  /**
   * The environment that all entities of a JVM share.
   *
   * @param idleAfter an execution is passivated if it has nothing to do for this long
   * @param parkedRetryAfter the pause after which a parked execution is retried
   * @param memoryLimit bounds the nodes of all entities together
   * @param snapshots creates the adapter of snapshots from the plans of the execution
   */
  public record Environment(
      ExecutionDirectory directory,
      Publisher publisher,
      Worker.Factory workers,
      NodeMemoryLimit memoryLimit,
      Function<Plans, SnapshotAdapter<WorkflowState>> snapshots,
      Clock clock,
      Duration idleAfter,
      Duration parkedRetryAfter) {}

  /**
   * @param passivate asks the shard to send {@link Stop}
   * @param activateLater sends {@link Activate} to the execution later; the node that owns its
   *     shard at that time receives the message
   */
  public static Behavior<Message> create(
      Environment environment, ExecutionId id, Runnable passivate, Runnable activateLater) {
    var reservation = environment.memoryLimit().reservation();
    return Behaviors.intercept(
        () -> new ReservationRelease(reservation),
        Behaviors.setup(context ->
            Behaviors.withTimers(timers ->
                LoadingEntity.first(
                    new EntityContext(
                        context,
                        timers,
                        environment,
                        id,
                        reservation,
                        passivate,
                        activateLater)))));
  }

  /** Releases the entity's reservation of nodes when the entity stops, for any reason. */
  private static final class ReservationRelease extends BehaviorSignalInterceptor<Message> {
    private final NodeMemoryLimit.Reservation reservation;

    ReservationRelease(NodeMemoryLimit.Reservation reservation) {
      this.reservation = reservation;
    }

    @Override
    public Behavior<Message> aroundSignal(
        TypedActorContext<Message> context, Signal signal, SignalTarget<Message> target) {
      if (signal instanceof PostStop) {
        reservation.release();
      }
      return target.apply(context, signal);
    }
  }

  /** The key of an execution's journal. */
  public static String persistenceId(ExecutionId id) {
    return WorkflowJournal.persistenceId(id).id();
  }
}
