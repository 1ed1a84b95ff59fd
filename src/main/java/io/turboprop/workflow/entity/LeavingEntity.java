package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.entity.WorkflowEntity.Activate;
import io.turboprop.workflow.entity.WorkflowEntity.Ask;
import io.turboprop.workflow.entity.WorkflowEntity.LookAgain;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.entity.WorkflowEntity.Stop;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The phase in which an idle entity has asked its shard to stop it. If a notification arrives
 * before the stop, the entity has the execution activated again afterwards.
 */
final class LeavingEntity extends EntityBehavior {
  private final boolean ended;
  private boolean notified;

  private LeavingEntity(EntityContext entity, boolean ended) {
    super(entity);
    this.ended = ended;
  }

  /**
   * @param ended whether the execution has ended, so that notifications are ignored
   */
  static Behavior<Message> begin(EntityContext entity, boolean ended) {
    entity.timers.cancelAll();
    entity.passivate.run();
    return new LeavingEntity(entity, ended);
  }

  @Override
  Behavior<Message> handle(Message message) {
    return switch (message) {
      case Activate _, LookAgain _ -> notified();
      case Ask ask -> refuse(ask);
      case Stop _ -> stop();
      case WorkflowEntity.Published _,
          WorkflowEntity.Parked _,
          WorkflowEntity.Reported _,
          WorkflowEntity.ChildGone _,
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

  private Behavior<Message> notified() {
    notified = true;
    return this;
  }

  private Behavior<Message> refuse(Ask ask) {
    ask.replyTo()
        .tell(
            ended
                ? new Reply.Rejected(
                    Decision.Reason.ALREADY_ENDED,
                    "the execution %s has ended".formatted(entity.id))
                : new Reply.Rejected(
                    Decision.Reason.BUSY,
                    "the execution %s is leaving memory; retry the call".formatted(entity.id)));
    return notified();
  }

  private Behavior<Message> stop() {
    if (notified && !ended) {
      entity.activateLater.run();
    }
    return Behaviors.stopped();
  }
}
