package io.turboprop.workflow.entity;

import io.turboprop.workflow.entity.WorkflowEntity.ChildGone;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.MDC;

/** The base of all phases of an entity: their log lines carry the execution's id. */
abstract class EntityBehavior extends AbstractBehavior<Message> {
  final EntityContext entity;

  EntityBehavior(EntityContext entity) {
    super(entity.context);
    this.entity = entity;
  }

  @Override
  public final Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Message.class, this::receive)
        .onSignal(
            ChildFailed.class, signal -> receive(new ChildGone(signal.getRef(), signal.cause())))
        .onSignal(
            Terminated.class,
            signal ->
                receive(
                    new ChildGone(
                        signal.getRef(), new IllegalStateException("the actor has stopped"))))
        .build();
  }

  private Behavior<Message> receive(Message message) {
    try (var _ = MDC.putCloseable("execution", entity.id.text())) {
      return handle(message);
    }
  }

  /** Handles a message, or the end of a child as the message {@link ChildGone}. */
  abstract Behavior<Message> handle(Message message);
}
