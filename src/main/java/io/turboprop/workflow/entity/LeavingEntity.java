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
 * The entity has nothing to do and has asked its shard to stop it. What it is notified of until
 * then is for its next life, so it sees to it that there is one.
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
   * @param ended whether the execution has ended, so that nothing can concern it any more
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
                    Decision.Reason.BUSY, "%s is leaving memory".formatted(parts.id)));
    return notified();
  }

  private Behavior<Message> stop() {
    if (notified && !ended) {
      parts.activateLater.run();
    }
    return Behaviors.stopped();
  }
}
