package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.WorkflowEntity.Ask;
import io.turboprop.workflow.entity.WorkflowEntity.ChildGone;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Parked;
import io.turboprop.workflow.entity.WorkflowEntity.Published;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.entity.WorkflowEntity.Reported;
import io.turboprop.workflow.entity.WorkflowEntity.Stop;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last phase: the entity records no step any more. It waits until its workers and publications
 * have ended, and stops. It refuses or ignores all other messages.
 */
final class DrainingEntity extends EntityBehavior {
  private static final Logger LOG = LoggerFactory.getLogger(DrainingEntity.class);

  /** The reason for draining, which determines the remaining work. */
  enum Reason {
    /** The execution was never accepted, or it has ended. */
    NOTHING_TO_DO,
    /**
     * This engine can't continue the execution for now. The workers stop without cleaning up:
     * external work continues, and new workers find it when the execution is retried.
     */
    PARKED,
    /**
     * Another owner of the execution has written a step and continues it. The workers stop without
     * cleaning up. The step may also be a late write of this entity itself; so the execution is
     * activated again.
     */
    NOT_THE_OWNER
  }

  private final Reason reason;
  private boolean leaving;

  /** The reason why the execution is parked, until it is published. */
  private Optional<String> parkedFor = Optional.empty();

  private DrainingEntity(EntityContext entity, Reason reason) {
    super(entity);
    this.reason = reason;
  }

  static Behavior<Message> begin(EntityContext entity, Reason reason) {
    entity.timers.cancelAll();
    entity.loop.inbox().refuseAll(refusal(entity.id, reason));
    return new DrainingEntity(entity, reason).leaveWhenStill();
  }

  /** Begins to park the execution; the reason is published after all earlier steps. */
  static Behavior<Message> park(EntityContext entity, Throwable cause) {
    entity.timers.cancelAll();
    entity.loop.inbox().refuseAll(refusal(entity.id, Reason.PARKED));
    var draining = new DrainingEntity(entity, Reason.PARKED);
    draining.parkedFor = Optional.of(Failures.reason(cause));
    return draining.leaveWhenStill();
  }

  private void showParked(String reason) {
    var environment = entity.environment;
    entity.context.pipeToSelf(
        environment
            .publisher()
            .park(
                entity.id,
                new Publisher.Parking(
                    reason,
                    environment.clock().instant().plus(environment.parkedRetryAfter()),
                    entity.loop.notifications().hasFoundAbort())),
        (_, failure) -> new Parked(Optional.ofNullable(failure)));
  }

  private static Reply.Rejected refusal(ExecutionId id, Reason reason) {
    return switch (reason) {
      case NOTHING_TO_DO ->
          new Reply.Rejected(Decision.Reason.ALREADY_ENDED, "the execution " + id + " has ended");
      case PARKED ->
          new Reply.Rejected(
              Decision.Reason.NOT_STARTED,
              "the execution " + id + " is parked; the request is kept until it is retried");
      case NOT_THE_OWNER ->
          new Reply.Rejected(
              Decision.Reason.BUSY,
              "the execution " + id + " has moved to another engine; retry the call");
    };
  }

  @Override
  Behavior<Message> handle(Message message) {
    return switch (message) {
      case Ask ask -> onAsk(ask);
      case Reported reported -> onReport(reported);
      case Published published -> onPublished(published);
      case Parked parked -> onParked(parked);
      case ChildGone(var child, _) -> onChildGone(child);
      case Stop _ -> stop();
      case WorkflowEntity.Activate _,
          WorkflowEntity.LookAgain _,
          WorkflowEntity.UnseenRead _,
          WorkflowEntity.UnseenUnreadable _,
          WorkflowEntity.PlanRead _,
          WorkflowEntity.PlanUnreadable _,
          WorkflowEntity.Admitted _,
          WorkflowEntity.Loaded _,
          WorkflowEntity.LoadFailed _,
          WorkflowEntity.Load _,
          WorkflowEntity.FromJournal _,
          WorkflowEntity.Tick _,
          WorkflowEntity.CheckIdle _,
          WorkflowEntity.PassivationRecorded _ ->
          this;
    };
  }

  private Behavior<Message> onAsk(Ask ask) {
    ask.replyTo().tell(refusal(entity.id, reason));
    return this;
  }

  private Behavior<Message> onReport(Reported message) {
    if (message.report() instanceof NodeReport.Aborted(var node, _)) {
      entity.loop.workers().reconcile(node, Optional.empty());
    }
    return this;
  }

  private Behavior<Message> onPublished(Published message) {
    entity.loop.published();
    message
        .failure()
        .ifPresent(cause -> LOG.error("{}: a step could not be published", entity.id, cause));
    return leaveWhenStill();
  }

  private Behavior<Message> onChildGone(ActorRef<Void> child) {
    var _ = entity.loop.workers().gone(child.unsafeUpcast());
    return leaveWhenStill();
  }

  private Behavior<Message> onParked(Parked message) {
    message
        .failure()
        .ifPresent(cause -> LOG.error("{}: the parking could not be published", entity.id, cause));
    leaving = true;
    entity.passivate.run();
    return this;
  }

  private Behavior<Message> leaveWhenStill() {
    if (reason == Reason.PARKED) {
      if (!entity.loop.isPublishing()) {
        parkedFor.ifPresent(this::showParked);
        parkedFor = Optional.empty();
      }
      return this;
    }
    var still = !entity.loop.isPublishing() && entity.loop.workers().isEmpty();
    if (!leaving && (still || reason == Reason.NOT_THE_OWNER)) {
      leaving = true;
      entity.passivate.run();
    }
    return this;
  }

  private Behavior<Message> stop() {
    if (reason == Reason.NOT_THE_OWNER) {
      entity.activateLater.run();
    }
    return Behaviors.stopped();
  }
}
