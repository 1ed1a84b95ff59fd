package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One execution, alive: the shell around {@link WorkflowMachine}. It collects commands while a
 * write is under way, has {@link WorkflowJournal} decide and store them as one step, makes its
 * workers equal to what the state says is outstanding, and hands every step to the publisher.
 * Everything it holds can be lost: it is read back from the journal.
 */
public final class WorkflowEntity extends AbstractBehavior<WorkflowEntity.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(WorkflowEntity.class);

  /** Commands of clients that wait for a write to end; more are refused. */
  private static final int CLIENT_COMMANDS_MAX = 1_000;

  /** What an entity is told; those that are not private may come from another node. */
  public sealed interface Message {}

  /** Be alive: begin, or go on. */
  public record Activate() implements Message {}

  /** A client's command, the only one there is; answered once it is stored, or refused. */
  public record Ask(WorkflowCommand.Abort command, ActorRef<Reply> replyTo) implements Message {}

  /** What a node waits for may have happened. */
  public record LookAgain(NodePath node) implements Message {}

  /** Leave memory. */
  public record Stop() implements Message {}

  private record Loaded(Optional<LoadedExecution> found) implements Message {}

  private record Expanded(NodeReport report, Plan plan) implements Message {}

  private record ExpansionFailed(NodeReport report, Throwable cause) implements Message {}

  private record LoadFailed(Throwable cause) implements Message {}

  record FromJournal(WorkflowJournal.Answer answer) implements Message {}

  record Reported(NodeReport report) implements Message {}

  record Tick(Instant at) implements Message {}

  private record Reload() implements Message {}

  /** The journal is the one that was open when something was handed to the publisher. */
  record Published(Optional<ActorRef<WorkflowJournal.Decide>> journal, Optional<Throwable> failure)
      implements Message {}

  private record CheckIdle() implements Message {}

  private record PassivationRecorded(Optional<Throwable> failure) implements Message {}

  private record ChildGone(ActorRef<Void> child, Throwable cause) implements Message {}

  /** The answer to {@link Ask}. */
  public sealed interface Reply {
    record Accepted() implements Reply {}

    record Rejected(Decision.Reason reason, String message) implements Reply {}
  }

  /**
   * What all entities of a JVM share.
   *
   * @param idleAfter an execution that waits for nothing sooner than this leaves memory
   * @param snapshots how states are written; given the plans of the execution
   */
  public record Environment(
      ExecutionDirectory directory,
      Publisher publisher,
      Worker.Factory workers,
      java.util.function.Function<Plans, SnapshotAdapter<WorkflowState>> snapshots,
      Clock clock,
      Duration idleAfter) {}

  private final Environment environment;
  private final ExecutionId id;
  private final Runnable passivate;
  private final Runnable wakeLater;
  private final TimerScheduler<Message> timers;
  private final NodeWorkers workers;
  private final Reconciliation reconciliation;
  private final AlarmClock alarmClock;
  private final EntityJournal journal;

  private final Inbox inbox = new Inbox(CLIENT_COMMANDS_MAX);
  private final NotifiedNodes told = new NotifiedNodes();
  private final RetryBudget patienceWithItself = new RetryBudget();
  private final RetryBudget patienceWithPublisher = new RetryBudget();

  private Optional<AcceptedExecution> execution = Optional.empty();
  private LoadedPlans plans = LoadedPlans.NONE;
  private WorkflowState state = new NotStarted(LoadedPlans.NONE);
  private long sequenceNumber;
  private boolean leaving;
  private int publishing;

  private WorkflowEntity(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Environment environment,
      ExecutionId id,
      Runnable passivate,
      Runnable wakeLater) {
    super(context);
    this.environment = environment;
    this.id = id;
    this.passivate = passivate;
    this.wakeLater = wakeLater;
    this.timers = timers;
    this.workers =
        new NodeWorkers(
            context,
            environment.workers(),
            context.messageAdapter(NodeReport.class, Reported::new),
            work -> WorkflowMachine.attemptContinues(state, work));
    this.alarmClock = new AlarmClock(timers, context.getSelf(), environment.clock());
    this.reconciliation = new Reconciliation(workers, alarmClock::set);
    this.journal = new EntityJournal(context);
  }

  /**
   * @param passivate asks the shard to send {@link Stop}
   * @param wakeLater has this entity poked again after it has stopped
   */
  public static Behavior<Message> create(
      Environment environment, ExecutionId id, Runnable passivate, Runnable wakeLater) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> {
          var entity = new WorkflowEntity(context, timers, environment, id, passivate, wakeLater);
          entity.load();
          return entity;
        }));
  }

  /** The key of an execution's journal. */
  public static String persistenceId(ExecutionId id) {
    return WorkflowJournal.persistenceId(id).id();
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(Message.class, this::onMessage)
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(org.apache.pekko.actor.typed.Terminated.class, this::onTerminated)
        .build();
  }

  /** What is logged meanwhile carries the execution's id. */
  private Behavior<Message> onMessage(Message message) {
    try (var _ = MDC.putCloseable("execution", id.text())) {
      return onOrAgain(message);
    }
  }

  /** What is wrong in here is met again from the journal on, and the execution set aside for it. */
  private Behavior<Message> onOrAgain(Message message) {
    try {
      return on(message);
    } catch (RuntimeException e) {
      LOG.error("{} broke the entity", message.getClass().getSimpleName(), e);
      return later("the entity", e, patienceWithItself);
    }
  }

  private Behavior<Message> on(Message message) {
    return switch (message) {
      case Activate _ -> this;
      case Ask ask -> ask(ask);
      case Stop _ -> stop();
      case Loaded(var found) -> loaded(found);
      case LoadFailed(var cause) -> loadFailed(cause);
      case Reload _ -> reload();
      case FromJournal(var answer) -> journal.believes(answer) ? answered(answer) : this;
      case LookAgain(var node) -> told(node);
      case Reported(var report) -> reported(report);
      case Expanded(var report, var made) -> expanded(report, made);
      case ExpansionFailed(var report, var cause) -> expansionFailed(report, cause);
      case Tick tick -> alarmClock.isDue(tick) ? command(new WorkflowCommand.Tick()) : this;
      case Published published -> published(published);
      case CheckIdle _ -> look();
      case PassivationRecorded(var failure) -> writtenDown(failure);
      case ChildGone(var child, var cause) -> childGone(child, cause);
    };
  }

  private Behavior<Message> answered(WorkflowJournal.Answer answer) {
    return switch (answer) {
      case WorkflowJournal.Recovered recovered -> recovered(recovered);
      case WorkflowJournal.Stepped stepped -> stepped(stepped);
    };
  }

  // --- coming to life

  private void load() {
    getContext()
        .pipeToSelf(
            LoadedExecution.find(environment.directory(), id),
            (found, failure) -> failure == null ? new Loaded(found) : new LoadFailed(failure));
  }

  /** Of two that were under way at once, the second comes too late. */
  private Behavior<Message> loaded(Optional<LoadedExecution> found) {
    if (journal.isOpen()) {
      return this;
    }
    if (found.isEmpty()) {
      LOG.info("there is nothing to be run");
      workers.become(List.of());
      return giveUp(DrainingEntity.Why.NOTHING_TO_DO);
    }
    execution = Optional.of(found.orElseThrow().execution());
    plans = found.orElseThrow().plans();
    openJournal();
    return this;
  }

  private Behavior<Message> loadFailed(Throwable cause) {
    return journal.isOpen() ? this : later("reading the execution", cause, patienceWithItself);
  }

  /**
   * After a failure: again from the journal on, with back-off; or never, if it is neither the
   * database's nor the publisher's doing.
   */
  private Behavior<Message> later(String what, Throwable cause, RetryBudget patience) {
    journal.close();
    var pause = patience.after(cause);
    if (pause.isEmpty()) {
      LOG.error("{} failed again: the execution is set aside", what, cause);
      return setAside(Failures.poisoned(cause));
    }
    LOG.warn("{} failed; trying again: {}", what, cause.toString());
    timers.startSingleTimer("reload", new Reload(), pause.orElseThrow());
    return this;
  }

  /** All of it: the journal may refer to plans that were not there when the execution was read. */
  private Behavior<Message> reload() {
    load();
    return this;
  }

  private void openJournal() {
    journal.open(
        WorkflowJournal.create(
            id,
            getContext().messageAdapter(WorkflowJournal.Answer.class, FromJournal::new),
            plans,
            environment.snapshots().apply(plans),
            environment.clock(),
            execution.orElseThrow().publishedThrough() == 0));
  }

  private Behavior<Message> recovered(WorkflowJournal.Recovered answer) {
    state = answer.state();
    sequenceNumber = answer.sequenceNumber();
    inbox.putBack();
    if (answer.sequenceNumber() > execution.orElseThrow().publishedThrough()) {
      publish(
          environment
              .publisher()
              .catchUp(execution.orElseThrow(), plans.root(), answer.sequenceNumber()));
    }
    if (state instanceof NotStarted) {
      inbox.addFirst(start(execution.orElseThrow()));
    }
    execution
        .orElseThrow()
        .abortCause()
        .filter(_ -> !(state instanceof Done))
        .ifPresent(cause -> inbox.add(new WorkflowCommand.Abort(cause)));
    reconciliation.whole(execution.orElseThrow(), state);
    told.addAll(WorkflowMachine.sleepers(state));
    return goOn();
  }

  private static WorkflowCommand start(AcceptedExecution execution) {
    return new WorkflowCommand.Start(
        execution.planDigest(), execution.inputs(), execution.settings());
  }

  // --- command, record, evolve, act

  private Behavior<Message> ask(Ask ask) {
    if (inbox.offer(ask.command(), ask.replyTo())) {
      return goOn();
    }
    ask.replyTo().tell(new Reply.Rejected(Decision.Reason.BUSY, "too many commands wait: " + id));
    return this;
  }

  private Behavior<Message> command(WorkflowCommand command) {
    inbox.add(command);
    return goOn();
  }

  private Behavior<Message> told(NodePath node) {
    told.add(node);
    workers.lookAgain(node);
    return goOn();
  }

  /** The machine has to know a graph before it hears of it. */
  private Behavior<Message> reported(NodeReport report) {
    if (report instanceof NodeReport.Opened opened
        && opened.contents() instanceof Subgraph.Dynamic(var digest)
        && !plans.knows(digest)) {
      getContext()
          .pipeToSelf(
              environment.directory().plan(digest),
              (made, failure) ->
                  failure == null
                      ? new Expanded(report, made)
                      : new ExpansionFailed(report, failure));
      return this;
    }
    return command(report);
  }

  private Behavior<Message> expanded(NodeReport report, Plan made) {
    plans.add(made);
    return command(report);
  }

  private Behavior<Message> expansionFailed(NodeReport report, Throwable cause) {
    return command(
        new NodeReport.Failed(
            report.node(),
            report.attempt(),
            ExecutionError.system("DynamicPlanUnreadable", String.valueOf(cause)),
            true,
            AttemptSummary.NONE));
  }

  /** Has the next batch decided, if none is under way; or leaves when there is nothing to do. */
  private Behavior<Message> goOn() {
    if (!journal.isRecovered() || inbox.isWriting()) {
      return this;
    }
    told.waking(state).ifPresent(inbox::add);
    if (!inbox.isEmpty()) {
      journal.decide(inbox.take());
      return this;
    }
    return rest();
  }

  private Behavior<Message> stepped(WorkflowJournal.Stepped answer) {
    state = answer.state();
    sequenceNumber = answer.sequenceNumber();
    inbox.written(answer.decisions());
    if (!answer.events().isEmpty()) {
      publish(
          environment
              .publisher()
              .publish(
                  execution.orElseThrow(),
                  plans.root(),
                  answer.sequenceNumber(),
                  new WorkflowStep(answer.events())));
    }
    reconciliation.after(answer.events(), execution.orElseThrow(), state);
    patienceWithItself.restoreAfter(answer.events());
    return goOn();
  }

  // --- telling the world

  private void publish(CompletionStage<Void> told) {
    publishing++;
    var current = journal.current();
    getContext()
        .pipeToSelf(told, (_, failure) -> new Published(current, Optional.ofNullable(failure)));
  }

  /**
   * What can't be told is told again from the journal on. So of all that was handed over since that
   * was read, the first failure counts, and no other.
   */
  private Behavior<Message> published(Published published) {
    publishing--;
    if (published.journal().filter(journal::is).isEmpty()) {
      return goOn();
    }
    if (published.failure().isPresent()) {
      return later("the publisher", published.failure().orElseThrow(), patienceWithPublisher);
    }
    patienceWithPublisher.restore();
    return goOn();
  }

  // --- leaving memory

  /** Nothing to decide: if nothing is under way either, the entity leaves memory after a while. */
  private Behavior<Message> rest() {
    if (!idle()) {
      return this;
    }
    if (state instanceof Done) {
      return leave();
    }
    timers.startSingleTimer("look", new CheckIdle(), environment.idleAfter());
    return this;
  }

  private boolean idle() {
    return journal.isRecovered()
        && publishing == 0
        && inbox.isEmpty()
        && !inbox.isWriting()
        && workers.isEmpty();
  }

  private Behavior<Message> look() {
    var soon = environment.clock().instant().plus(environment.idleAfter());
    var wakeUp = WorkflowMachine.wakeUp(state);
    if (!idle() || wakeUp.filter(soon::isAfter).isPresent()) {
      return this;
    }
    getContext()
        .pipeToSelf(
            environment
                .publisher()
                .passivated(execution.orElseThrow(), plans.root(), sequenceNumber, wakeUp),
            (_, failure) -> new PassivationRecorded(Optional.ofNullable(failure)));
    return this;
  }

  private Behavior<Message> writtenDown(Optional<Throwable> failure) {
    if (failure.isPresent()) {
      LOG.warn("can't leave memory yet: {}", failure.orElseThrow().toString());
      return goOn();
    }
    return idle() ? leave() : this;
  }

  private Behavior<Message> leave() {
    if (!leaving) {
      leaving = true;
      passivate.run();
    }
    return this;
  }

  private Behavior<Message> stop() {
    if (leaving && !(state instanceof Done) && !idle()) {
      wakeLater.run();
    }
    return Behaviors.stopped();
  }

  // --- giving up

  /** Nothing can be recorded any more: what runs is stopped, and the row alone tells of the end. */
  private Behavior<Message> setAside(ExecutionError error) {
    workers.abortAll(error.message());
    publish(environment.publisher().setAside(id, error));
    return giveUp(DrainingEntity.Why.SET_ASIDE);
  }

  private Behavior<Message> giveUp(DrainingEntity.Why why) {
    timers.cancelAll();
    inbox.refuseAll(DrainingEntity.refusal(id, why));
    return new DrainingEntity(getContext(), id, why, workers, publishing, passivate, wakeLater);
  }

  // --- children

  private Behavior<Message> onChildFailed(ChildFailed signal) {
    return onMessage(new ChildGone(signal.getRef(), signal.cause()));
  }

  private Behavior<Message> onTerminated(org.apache.pekko.actor.typed.Terminated signal) {
    return onMessage(
        new ChildGone(signal.getRef(), new IllegalStateException("stopped by itself")));
  }

  private Behavior<Message> childGone(ActorRef<Void> child, Throwable cause) {
    if (journal.wasLostWith(child)) {
      return journalGone(cause);
    }
    workers.gone(child).ifPresent(assignment -> retryWorker(assignment, cause));
    return goOn();
  }

  private Behavior<Message> journalGone(Throwable cause) {
    if (Failures.isFence(cause)) {
      LOG.warn("somebody else has written; this entity gives way");
      return giveUp(DrainingEntity.Why.NOT_THE_OWNER);
    }
    return later("the journal", cause, patienceWithItself);
  }

  /** A worker that broke is a fault of the platform: its attempt has failed. */
  private void retryWorker(Assignment assignment, Throwable cause) {
    LOG.error("the worker of {} broke", assignment.path(), cause);
    inbox.add(Failures.report(assignment, cause));
  }
}
