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
 * {@link LoadingEntity} ──▶ {@link RecoveringEntity} ──▶ {@link ActiveEntity} ──▶ {@link LeavingEntity}
 *       ▲  what to run       its journal                   decides, stores, publishes
 *       │                                                  │ something has failed
 *       └─────────────── {@link BackingOffEntity} ◀────────┘
 *                                                          ╰──▶ {@link DrainingEntity}: it records nothing any more
 * </pre>
 */
public final class WorkflowEntity {
  private WorkflowEntity() {}

  /** A message to an entity; the public ones may come from another node of the cluster. */
  public sealed interface Message {}

  /** Start or continue the execution, and query what is unseen. */
  public record Activate() implements Message {}

  /**
   * A client's request to abort, the only command of clients; the reply follows when it is stored
   * or refused.
   */
  public record Ask(WorkflowCommand.Abort command, ActorRef<Reply> replyTo) implements Message {}

  /** The event that a node waits for may have happened. */
  public record LookAgain(NodePath node) implements Message {}

  /** Leave memory. */
  public record Stop() implements Message {}

  record Loaded(Optional<LoadedExecution> found) implements Message {}

  record LoadFailed(Throwable cause) implements Message {}

  record Load() implements Message {}

  record FromJournal(WorkflowJournal.Answer answer) implements Message {}

  record Reported(NodeReport report) implements Message {}

  record PlanRead(NodeReport.Opened report, Plan plan) implements Message {}

  /** There is room for the graph that this report opens. */
  record Admitted(NodeReport.Opened report) implements Message {}

  record PlanUnreadable(NodeReport report, Throwable cause) implements Message {}

  record UnseenRead(Unseen unseen) implements Message {}

  record UnseenUnreadable(Throwable cause) implements Message {}

  record Tick(Instant at) implements Message {}

  /**
   * The result of a publication; {@code journal} is the one that was open when the step was handed
   * to the publisher.
   */
  record Published(ActorRef<WorkflowJournal.Decide> journal, Optional<Throwable> failure)
      implements Message {}

  record CheckIdle() implements Message {}

  record PassivationRecorded(long sequenceNumber, Optional<Throwable> failure) implements Message {}

  /** The result of parking the execution. */
  record Parked(Optional<Throwable> failure) implements Message {}

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
   * @param parkedRetry the pause after which a parked execution is retried
   * @param admission bounds the nodes of all entities together
   * @param snapshots creates the adapter of snapshots from the plans of the execution
   */
  public record Environment(
      ExecutionDirectory directory,
      Publisher publisher,
      Worker.Factory workers,
      NodeAdmission admission,
      Function<Plans, SnapshotAdapter<WorkflowState>> snapshots,
      Clock clock,
      Duration idleAfter,
      Duration parkedRetry) {}

  /**
   * @param passivate asks the shard to send {@link Stop}
   * @param activateLater sends another {@link Activate} to the execution, on whichever node it
   *     lives then
   */
  public static Behavior<Message> create(
      Environment environment, ExecutionId id, Runnable passivate, Runnable activateLater) {
    var room = environment.admission().room();
    return Behaviors.intercept(
        () -> new Releases(room),
        Behaviors.setup(context ->
            Behaviors.withTimers(timers ->
                LoadingEntity.first(
                    new EntityContext(
                        context, timers, environment, id, room, passivate, activateLater)))));
  }

  /** Gives the room of an entity back when it has stopped, for whatever reason. */
  private static final class Releases extends BehaviorSignalInterceptor<Message> {
    private final NodeAdmission.Room room;

    Releases(NodeAdmission.Room room) {
      this.room = room;
    }

    @Override
    public Behavior<Message> aroundSignal(
        TypedActorContext<Message> context, Signal signal, SignalTarget<Message> target) {
      if (signal instanceof PostStop) {
        room.release();
      }
      return target.apply(context, signal);
    }
  }

  /** The key of an execution's journal. */
  public static String persistenceId(ExecutionId id) {
    return WorkflowJournal.persistenceId(id).id();
  }
}
