package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.decide.Decision.Reason;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.WorkflowEntity.Ask;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Published;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.entity.WorkflowEntity.Reported;
import io.turboprop.workflow.entity.WorkflowEntity.Stop;
import java.util.Optional;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an entity becomes that will record nothing any more: it waits until what it has begun is
 * still, and leaves memory. Whatever else it hears comes too late.
 */
final class DrainingEntity extends AbstractBehavior<Message> {
  private static final Logger LOG = LoggerFactory.getLogger(DrainingEntity.class);

  /** Why, and so what is left to be done. */
  enum Why {
    /** It was never accepted, or it has ended. */
    NOTHING_TO_DO,
    /** It breaks its entity: its workers stop what they do, and its row is written. */
    SET_ASIDE,
    /**
     * Another owner of the execution has written, and goes on: the workers are dropped as they are.
     * Should there be no other, since it was a write of its own that came late, it is woken.
     */
    NOT_THE_OWNER
  }

  private final ExecutionId id;
  private final Why why;
  private final NodeWorkers workers;
  private final Runnable passivate;
  private final Runnable wakeLater;
  private int publishing;
  private boolean leaving;

  /**
   * @param publishing how many {@code Published} are still to come
   */
  DrainingEntity(
      ActorContext<Message> context,
      ExecutionId id,
      Why why,
      NodeWorkers workers,
      int publishing,
      Runnable passivate,
      Runnable wakeLater) {
    super(context);
    this.id = id;
    this.why = why;
    this.workers = workers;
    this.publishing = publishing;
    this.passivate = passivate;
    this.wakeLater = wakeLater;
    leaveWhenStill();
  }

  /** What clients are answered whose commands come too late. */
  static Reply.Rejected refusal(ExecutionId id, Why why) {
    return switch (why) {
      case NOTHING_TO_DO, SET_ASIDE ->
          new Reply.Rejected(Reason.ALREADY_ENDED, "nothing is under way for " + id);
      case NOT_THE_OWNER -> new Reply.Rejected(Reason.BUSY, id + " has another owner");
    };
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ask.class, this::ask)
        .onMessage(Reported.class, this::reported)
        .onMessage(Published.class, this::published)
        .onMessage(Stop.class, _ -> stop())
        .onAnyMessage(_ -> this)
        .onSignal(ChildFailed.class, this::childGone)
        .onSignal(Terminated.class, this::childGone)
        .build();
  }

  private Behavior<Message> ask(Ask ask) {
    ask.replyTo().tell(refusal(id, why));
    return this;
  }

  private Behavior<Message> reported(Reported message) {
    if (message.report() instanceof NodeReport.Aborted(var node, _)) {
      workers.become(node, Optional.empty());
    }
    return this;
  }

  private Behavior<Message> published(Published message) {
    publishing--;
    message
        .failure()
        .ifPresent(cause -> LOG.error("{}: something could not be told any more", id, cause));
    return leaveWhenStill();
  }

  private Behavior<Message> childGone(Terminated signal) {
    var _ = workers.gone(signal.getRef());
    return leaveWhenStill();
  }

  private Behavior<Message> leaveWhenStill() {
    var still = publishing == 0 && workers.isEmpty();
    if (!leaving && (still || why == Why.NOT_THE_OWNER)) {
      leaving = true;
      passivate.run();
    }
    return this;
  }

  private Behavior<Message> stop() {
    if (why == Why.NOT_THE_OWNER) {
      wakeLater.run();
    }
    return Behaviors.stopped();
  }
}
