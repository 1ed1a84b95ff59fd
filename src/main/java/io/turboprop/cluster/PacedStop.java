package io.turboprop.cluster;

import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Stop;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Has an entity whose shard is handed over go on until it is the shard's turn, see {@link
 * HandOverPace}. An entity that has asked to be stopped is stopped at once.
 */
final class PacedStop extends BehaviorInterceptor<Message, Message> {
  private final HandOverPace pace;
  private final String shard;
  private boolean stopsAtOnce;

  PacedStop(HandOverPace pace, String shard) {
    super(Message.class);
    this.pace = pace;
    this.shard = shard;
  }

  /** The entity has asked for its stop; called by itself. */
  void passivates() {
    stopsAtOnce = true;
  }

  @Override
  public Behavior<Message> aroundReceive(
      TypedActorContext<Message> context, Message message, ReceiveTarget<Message> target) {
    if (message instanceof Stop && !stopsAtOnce) {
      var wait = pace.untilTurnOf(shard);
      if (!wait.isZero()) {
        stopsAtOnce = true;
        var actor = context.asJava();
        actor.scheduleOnce(wait, actor.getSelf(), new Stop());
        return Behaviors.same();
      }
    }
    return target.apply(context, message);
  }
}
