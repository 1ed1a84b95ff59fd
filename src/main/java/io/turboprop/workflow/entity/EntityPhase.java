package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.WorkflowEntity.Ask;
import io.turboprop.workflow.entity.WorkflowEntity.ChildGone;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Published;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A phase in the life of an entity that is still to go on: what all such phases do with messages
 * that come in any of them. Commands, reports and notifications are collected, and acted on in
 * {@link ActiveEntity}; a failure leads back to {@link LoadingEntity}.
 */
abstract class EntityPhase extends AbstractBehavior<Message> {
  private static final Logger LOG = LoggerFactory.getLogger(EntityPhase.class);

  final EntityParts parts;

  EntityPhase(EntityParts parts) {
    super(parts.context);
    this.parts = parts;
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

  /** What is logged meanwhile carries the execution's id. */
  private Behavior<Message> receive(Message message) {
    try (var _ = MDC.putCloseable("execution", parts.id.text())) {
      return onOrRetry(message);
    }
  }

  private Behavior<Message> onOrRetry(Message message) {
    try {
      return on(message);
    } catch (RuntimeException e) {
      LOG.error("{} broke the entity", message.getClass().getSimpleName(), e);
      return retry("the entity", e, parts.ownFailures);
    }
  }

  /** What this phase does with a message; those it does not know go to {@link #onAny}. */
  abstract Behavior<Message> on(Message message);

  /** Acts on what has been collected, if this phase does. */
  Behavior<Message> proceed() {
    return this;
  }

  /** Closes what this phase has open, before a failure ends it. */
  void close() {}

  /** What every phase does with a message that is not its own. */
  final Behavior<Message> onAny(Message message) {
    return switch (message) {
      case WorkflowEntity.Activate _ -> onActivate();
      case WorkflowEntity.LookAgain(var node) -> onNotified(node);
      case WorkflowEntity.UnseenRead(var unseen) -> onUnseen(unseen);
      case WorkflowEntity.UnseenUnreadable(var cause) -> onUnseenUnreadable(cause);
      case Ask ask -> onAsk(ask);
      case WorkflowEntity.Reported(var report) -> onReport(report);
      case WorkflowEntity.PlanRead(var report, _) -> onReport(report);
      case WorkflowEntity.PlanUnreadable(var report, _) -> onReport(report);
      case Published published -> onPublished(published);
      case ChildGone(var child, var cause) -> onChildGone(child, cause);
      case WorkflowEntity.Stop _ -> stop();
      case WorkflowEntity.Loaded _,
          WorkflowEntity.LoadFailed _,
          WorkflowEntity.Load _,
          WorkflowEntity.FromJournal _,
          WorkflowEntity.Tick _,
          WorkflowEntity.CheckIdle _,
          WorkflowEntity.PassivationRecorded _,
          WorkflowEntity.Parked _ ->
          // It was meant for an earlier phase.
          this;
    };
  }

  // --- notifications

  private Behavior<Message> onActivate() {
    parts.loop.notifications().activated();
    return proceed();
  }

  private Behavior<Message> onNotified(NodePath node) {
    parts.loop.notified(node);
    return proceed();
  }

  private Behavior<Message> onUnseen(Unseen unseen) {
    parts.loop.unseenRead(Optional.of(unseen));
    return proceed();
  }

  /** The next sweep of the waker asks again. */
  private Behavior<Message> onUnseenUnreadable(Throwable cause) {
    LOG.warn("what is unseen can't be read now: {}", cause.toString());
    parts.loop.unseenRead(Optional.empty());
    return proceed();
  }

  // --- commands and reports

  private Behavior<Message> onAsk(Ask ask) {
    if (parts.loop.inbox().offer(ask.command(), ask.replyTo())) {
      return proceed();
    }
    ask.replyTo()
        .tell(new Reply.Rejected(Decision.Reason.BUSY, "too many commands wait for " + parts.id));
    return this;
  }

  /** The state is needed to know whether the graph that a report speaks of is known. */
  Behavior<Message> onReport(NodeReport report) {
    parts.heldReports.add(report);
    return this;
  }

  Behavior<Message> onPublished(Published published) {
    parts.loop.published();
    return proceed();
  }

  Behavior<Message> onChildGone(ActorRef<Void> child, Throwable cause) {
    parts
        .loop
        .workers()
        .gone(child.unsafeUpcast())
        .ifPresent(assignment -> {
          LOG.error("the worker of {} broke", assignment.path(), cause);
          parts.loop.inbox().add(Failures.report(assignment, cause));
        });
    return proceed();
  }

  // --- the end of the phase

  /** The shard is handed over while the execution is under way: its next owner goes on with it. */
  private Behavior<Message> stop() {
    parts.activateLater.run();
    return Behaviors.stopped();
  }

  /**
   * After a failure: again from the tables and the journal on, with back-off. If it is no outage
   * and comes again and again, or a newer version is needed, the execution is parked.
   */
  final Behavior<Message> retry(String what, Throwable cause, RetryBudget budget) {
    close();
    var pause = Failures.isNewerFormat(cause) ? Optional.<Duration>empty() : budget.after(cause);
    if (pause.isEmpty()) {
      LOG.error("{} failed: the execution is parked", what, cause);
      return DrainingEntity.park(parts, cause);
    }
    LOG.warn("{} failed; the entity tries again: {}", what, cause.toString());
    return BackingOffEntity.begin(parts, pause.orElseThrow());
  }
}
