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
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The base of an entity's phases before draining, with the handling of messages that all of them
 * share. Commands, reports and notifications are collected; {@link ActiveEntity} acts on them.
 * After a failure the entity returns to {@link LoadingEntity}.
 */
abstract class EntityPhase extends EntityBehavior {
  private static final Logger LOG = LoggerFactory.getLogger(EntityPhase.class);

  EntityPhase(EntityContext entity) {
    super(entity);
  }

  @Override
  final Behavior<Message> handle(Message message) {
    try {
      return on(message);
    } catch (RuntimeException e) {
      LOG.error("the entity failed on {}", message.getClass().getSimpleName(), e);
      return retry("the entity", e, entity.ownFailures);
    }
  }

  /** Handles a message in this phase; a phase passes messages of other phases to {@link #onAny}. */
  abstract Behavior<Message> on(Message message);

  /** Acts on the collected commands, if this phase does so. */
  Behavior<Message> proceed() {
    return this;
  }

  /** Closes the resources of this phase before a failure ends it. */
  void close() {}

  /** Handles a message in the way that all phases share. */
  final Behavior<Message> onAny(Message message) {
    return switch (message) {
      case WorkflowEntity.Activate _ -> onActivate();
      case WorkflowEntity.LookAgain(var node) -> onNotified(node);
      case WorkflowEntity.UnseenRead(var unseen) -> onUnseen(unseen);
      case WorkflowEntity.UnseenUnreadable(var cause) -> onUnseenUnreadable(cause);
      case Ask ask -> onAsk(ask);
      case WorkflowEntity.Reported(var report) -> onReport(report);
      case WorkflowEntity.PlanRead(var report, _) -> onReport(report);
      case WorkflowEntity.Admitted(var report) -> onReport(report);
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
          // The message was meant for an earlier phase.
          this;
    };
  }

  // --- notifications

  private Behavior<Message> onActivate() {
    entity.loop.notifications().activated();
    return proceed();
  }

  private Behavior<Message> onNotified(NodePath node) {
    entity.loop.notified(node);
    return proceed();
  }

  private Behavior<Message> onUnseen(Unseen unseen) {
    entity.loop.unseenRead(Optional.of(unseen));
    return proceed();
  }

  /** Handles a failed query; the next sweep of the waker triggers another. */
  private Behavior<Message> onUnseenUnreadable(Throwable cause) {
    LOG.warn(
        "the query for unseen requests and signals failed; the next sweep repeats it: {}",
        cause.toString());
    entity.loop.unseenRead(Optional.empty());
    return proceed();
  }

  // --- commands and reports

  private Behavior<Message> onAsk(Ask ask) {
    if (entity.loop.inbox().offer(ask.command(), ask.replyTo())) {
      return proceed();
    }
    ask.replyTo()
        .tell(new Reply.Rejected(Decision.Reason.BUSY, "too many commands wait for " + entity.id));
    return this;
  }

  /** Holds a report until the state shows whether the graph that it names is loaded. */
  Behavior<Message> onReport(NodeReport report) {
    entity.heldReports.add(report);
    return this;
  }

  Behavior<Message> onPublished(Published published) {
    entity.loop.published();
    return proceed();
  }

  Behavior<Message> onChildGone(ActorRef<Void> child, Throwable cause) {
    entity
        .loop
        .workers()
        .gone(child.unsafeUpcast())
        .ifPresent(assignment -> {
          LOG.error("the worker of {} failed", assignment.path(), cause);
          entity.loop.inbox().add(Failures.report(assignment, cause));
        });
    return proceed();
  }

  // --- the end of the phase

  /** Stops the entity when its shard is handed over; the next owner continues the execution. */
  private Behavior<Message> stop() {
    entity.activateLater.run();
    return Behaviors.stopped();
  }

  /**
   * Retries after a failure: the entity loads the execution again after a pause. The execution is
   * parked if the retry budget is used up, which an outage never does, or if a newer version of the
   * engine is needed.
   */
  final Behavior<Message> retry(String what, Throwable cause, RetryBudget budget) {
    close();
    var pause = Failures.isNewerFormat(cause) ? Optional.<Duration>empty() : budget.after(cause);
    if (pause.isEmpty()) {
      LOG.error("{} failed: the execution is parked", what, cause);
      return DrainingEntity.park(entity, cause);
    }
    LOG.warn("{} failed; the entity retries: {}", what, cause.toString());
    return BackingOffEntity.begin(entity, pause.orElseThrow());
  }
}
