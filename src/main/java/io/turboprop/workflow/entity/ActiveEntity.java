package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.WorkflowEntity.Admitted;
import io.turboprop.workflow.entity.WorkflowEntity.CheckIdle;
import io.turboprop.workflow.entity.WorkflowEntity.FromJournal;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.PassivationRecorded;
import io.turboprop.workflow.entity.WorkflowEntity.PlanRead;
import io.turboprop.workflow.entity.WorkflowEntity.PlanUnreadable;
import io.turboprop.workflow.entity.WorkflowEntity.Published;
import io.turboprop.workflow.entity.WorkflowEntity.Reported;
import io.turboprop.workflow.entity.WorkflowEntity.Tick;
import io.turboprop.workflow.entity.WorkflowEntity.UnseenRead;
import io.turboprop.workflow.entity.WorkflowEntity.UnseenUnreadable;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The phase in which the execution runs. The entity collects commands while a write is under way.
 * The {@link WorkflowJournal} decides them and stores the events as one step. After each step the
 * entity reconciles its workers with the outstanding work and hands the step to the publisher.
 */
final class ActiveEntity extends EntityPhase implements EntityLoop.Effects {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveEntity.class);

  private final AcceptedExecution execution;
  private final LoadedPlans plans;
  private final ActorRef<WorkflowJournal.Decide> journal;

  /** The state after the last stored step, and the number of that step. */
  private WorkflowState state;

  private Optional<Instant> wakeUp;
  private long sequenceNumber;

  /** The attempt of a node that opens a graph made at run time. */
  private record Opening(NodePath node, int attempt) {}

  /** Graphs that wait for a reservation of their nodes, or have it. */
  private final Set<Opening> openings = new HashSet<>();

  /** Those of the openings whose nodes are reserved. */
  private final Set<Opening> admitted = new HashSet<>();

  private ActiveEntity(
      EntityContext entity, LoadedExecution loaded, WorkflowJournal.Recovered recovered) {
    super(entity);
    this.execution = loaded.execution();
    this.plans = loaded.plans();
    this.journal = recovered.journal();
    this.state = recovered.state();
    this.wakeUp = recovered.wakeUp();
    this.sequenceNumber = recovered.sequenceNumber();
  }

  static Behavior<Message> begin(
      EntityContext entity, LoadedExecution loaded, WorkflowJournal.Recovered recovered) {
    return new ActiveEntity(entity, loaded, recovered).begin();
  }

  private Behavior<Message> begin() {
    if (sequenceNumber > execution.publishedThrough()) {
      publish(entity.environment.publisher().catchUp(execution, plans.root(), sequenceNumber));
    }
    var held = List.copyOf(entity.heldReports);
    entity.heldReports.clear();
    held.forEach(report -> entity.context.getSelf().tell(new Reported(report)));
    entity.loop.recovered(execution, state, wakeUp);
    return proceed();
  }

  @Override
  Behavior<Message> on(Message message) {
    return switch (message) {
      case FromJournal(WorkflowJournal.BatchStored stored) when stored.journal().equals(journal) ->
          onStored(stored);
      case Reported(var report) -> onReport(report);
      case PlanRead(var report, var plan) -> onPlan(report, plan);
      case Admitted(var report) -> onAdmitted(report);
      case PlanUnreadable(var report, var cause) -> onPlanUnreadable(report, cause);
      case Tick tick -> entity.alarmClock.isDue(tick) ? add(new WorkflowCommand.Tick()) : this;
      case CheckIdle _ -> passivate();
      case PassivationRecorded recorded -> onPassivationRecorded(recorded);
      default -> onAny(message);
    };
  }

  // --- notifications

  @Override
  public void readUnseen() {
    entity.context.pipeToSelf(
        entity.environment.directory().unseen(execution),
        (unseen, failure) ->
            failure == null ? new UnseenRead(unseen) : new UnseenUnreadable(failure));
  }

  // --- reports

  /**
   * Reserves the nodes of a graph that was made at run time, and loads its plan, before the machine
   * decides the report that opens it.
   */
  @Override
  Behavior<Message> onReport(NodeReport report) {
    return report instanceof NodeReport.Opened opened ? onOpened(opened) : add(report);
  }

  private Behavior<Message> onOpened(NodeReport.Opened report) {
    return switch (report.contents()) {
      case Subgraph.Dynamic(var digest) when plans.knows(digest) ->
          onPlan(report, plans.plan(digest));
      case Subgraph.Dynamic(var digest) -> {
        entity.context.pipeToSelf(
            entity.environment.directory().plan(digest),
            (plan, failure) ->
                failure == null ? new PlanRead(report, plan) : new PlanUnreadable(report, failure));
        yield this;
      }
      case Subgraph.ArrayElements(var size) -> isAdmitted(report, size) ? add(report) : this;
      case Subgraph.SubWorkflow _, Subgraph.BranchArm _ -> add(report);
    };
  }

  private Behavior<Message> onPlan(NodeReport.Opened report, Plan plan) {
    if (!isAdmitted(report, plan.root().sizeWithSubWorkflows())) {
      // The plan is dropped, and loaded again when its nodes are reserved: until then its memory is
      // free for others.
      return this;
    }
    plans.add(plan);
    return add(report);
  }

  /**
   * Whether the nodes of the graph that a report opens are reserved. If they are not, the report is
   * handled again when they are.
   */
  private boolean isAdmitted(NodeReport.Opened report, long nodes) {
    var opening = new Opening(report.node(), report.attempt());
    if (!openings.add(opening)) {
      return admitted.contains(opening);
    }
    var reserved = entity.reservation.reserveMore(Math.min(nodes, execution.settings().nodesMax()));
    if (reserved.toCompletableFuture().isDone()) {
      admitted.add(opening);
      return true;
    }
    LOG.info("{} waits for memory: its graph has {} nodes", report.node(), nodes);
    entity.context.pipeToSelf(reserved, (_, _) -> new Admitted(report));
    return false;
  }

  private Behavior<Message> onAdmitted(NodeReport.Opened report) {
    var opening = new Opening(report.node(), report.attempt());
    if (openings.contains(opening)) {
      admitted.add(opening);
    }
    return onOpened(report);
  }

  /**
   * Retries after the plan of a dynamic node could not be read. The task has made its graph, so the
   * attempt does not fail.
   */
  private Behavior<Message> onPlanUnreadable(NodeReport report, Throwable cause) {
    entity.heldReports.add(report);
    return retry("reading the plan of a dynamic node", cause, entity.ownFailures);
  }

  // --- decide, store, act

  private Behavior<Message> add(WorkflowCommand command) {
    entity.loop.inbox().add(command);
    return proceed();
  }

  /** Sends the next commands to the journal, if no write is under way; rests if there are none. */
  @Override
  Behavior<Message> proceed() {
    return switch (entity.loop.proceed(state, this)) {
      case WAIT -> this;
      case REST -> {
        entity.timers.startSingleTimer(
            CheckIdle.class, new CheckIdle(), entity.environment.idleAfter());
        yield this;
      }
      case LEAVE -> leave();
    };
  }

  @Override
  public void decide(List<WorkflowCommand> commands) {
    journal.tell(new WorkflowJournal.Decide(commands));
  }

  private Behavior<Message> onStored(WorkflowJournal.BatchStored step) {
    state = step.state();
    wakeUp = step.wakeUp();
    sequenceNumber = step.sequenceNumber();
    if (!step.events().isEmpty()) {
      publish(
          entity
              .environment
              .publisher()
              .publish(execution, plans.root(), sequenceNumber, new WorkflowStep(step.events())));
    }
    entity.loop.stepped(execution, state, wakeUp, step.events(), step.decisions());
    entity.ownFailures.restoreAfter(step.events());
    return proceed();
  }

  private void publish(CompletionStage<Void> published) {
    entity.loop.publishing();
    entity.context.pipeToSelf(
        published, (_, failure) -> new Published(journal, Optional.ofNullable(failure)));
  }

  /**
   * Handles the result of a publication. After a failure the entity recovers and publishes again
   * from the journal. So only the first failure since the journal was opened counts.
   */
  @Override
  Behavior<Message> onPublished(Published published) {
    entity.loop.published();
    if (!published.journal().equals(journal)) {
      return proceed();
    }
    if (published.failure().isPresent()) {
      return retry("the publisher", published.failure().orElseThrow(), entity.publisherFailures);
    }
    entity.publisherFailures.restore();
    return proceed();
  }

  // --- leaving memory

  private Behavior<Message> passivate() {
    var soon = entity.environment.clock().instant().plus(entity.environment.idleAfter());
    if (!entity.loop.mayLeave(wakeUp, soon)) {
      return this;
    }
    var last = sequenceNumber;
    entity.context.pipeToSelf(
        entity.environment.publisher().passivated(execution, plans.root(), last, wakeUp),
        (_, failure) -> new PassivationRecorded(last, Optional.ofNullable(failure)));
    return this;
  }

  /** Steps that were stored meanwhile have taken the recorded sleep back. */
  private Behavior<Message> onPassivationRecorded(PassivationRecorded recorded) {
    var failure = recorded.failure();
    if (failure.isPresent()) {
      LOG.warn(
          "the passivation can't be recorded now, so the entity stays in memory: {}",
          failure.orElseThrow().toString());
      return proceed();
    }
    return entity.loop.isIdle() && recorded.sequenceNumber() == sequenceNumber
        ? leave()
        : proceed();
  }

  private Behavior<Message> leave() {
    entity.context.stop(journal);
    return LeavingEntity.begin(entity, state instanceof Done);
  }

  // --- failures

  @Override
  Behavior<Message> onChildGone(ActorRef<Void> child, Throwable cause) {
    if (!journal.equals(child)) {
      return super.onChildGone(child, cause);
    }
    if (Failures.isFence(cause)) {
      LOG.warn("another owner of the execution has written a step; this entity stops");
      return DrainingEntity.begin(entity, DrainingEntity.Reason.NOT_THE_OWNER);
    }
    return retry("writing the journal", cause, entity.ownFailures);
  }

  /** Stops the journal; its later messages are ignored. */
  @Override
  void close() {
    entity.context.stop(journal);
  }
}
