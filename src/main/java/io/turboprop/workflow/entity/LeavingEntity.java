package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.entity.WorkflowEntity.Activate;
import io.turboprop.workflow.entity.WorkflowEntity.Ask;
import io.turboprop.workflow.entity.WorkflowEntity.LookAgain;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.entity.WorkflowEntity.Stop;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * The phase in which an idle entity has asked its shard to stop it. If a notification arrives
 * before the stop, the entity has the execution activated again afterwards.
 */
final class LeavingEntity extends AbstractBehavior<Message> {
  private final EntityParts parts;
  private final boolean ended;
  private boolean notified;

  private LeavingEntity(EntityParts parts, boolean ended) {
    super(parts.context);
    this.parts = parts;
    this.ended = ended;
  }

  /**
   * @param ended whether the execution has ended, so that notifications are ignored
   */
  static Behavior<Message> begin(EntityParts parts, boolean ended) {
    parts.timers.cancelAll();
    parts.passivate.run();
    return new LeavingEntity(parts, ended);
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Activate.class, _ -> notified())
        .onMessage(LookAgain.class, _ -> notified())
        .onMessage(Ask.class, this::refuse)
        .onMessage(Stop.class, _ -> stop())
        .onAnyMessage(_ -> this)
        .onSignal(Terminated.class, _ -> this)
        .build();
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
                    Decision.Reason.ALREADY_ENDED, "the execution %s has ended".formatted(parts.id))
                : new Reply.Rejected(
                    Decision.Reason.BUSY,
                    "the execution %s is leaving memory; retry the call".formatted(parts.id)));
    return notified();
  }

  private Behavior<Message> stop() {
    if (notified && !ended) {
      parts.activateLater.run();
    }
    return Behaviors.stopped();
  }
}
