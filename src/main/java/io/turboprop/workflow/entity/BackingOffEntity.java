package io.turboprop.workflow.entity;

import io.turboprop.workflow.entity.WorkflowEntity.Load;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import java.time.Duration;
import org.apache.pekko.actor.typed.Behavior;

/**
 * The phase after a failure: the entity waits before it loads the execution again. Its workers
 * continue.
 */
final class BackingOffEntity extends EntityPhase {
  private BackingOffEntity(EntityContext entity) {
    super(entity);
  }

  static Behavior<Message> begin(EntityContext entity, Duration pause) {
    entity.timers.startSingleTimer(Load.class, new Load(), pause);
    return new BackingOffEntity(entity);
  }

  @Override
  Behavior<Message> on(Message message) {
    return message instanceof Load ? LoadingEntity.again(entity) : onAny(message);
  }
}
