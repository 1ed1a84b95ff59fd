package io.turboprop.workflow;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import io.turboprop.workflow.WorkflowState.Done;
import io.turboprop.workflow.WorkflowState.NotStarted;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

  /** Pekko's timers reach less than a year. */
  private static final Duration TIMER_MAX = Duration.ofDays(30);

  /** How often in a row the journal may fail for other reasons than the database. */
  private static final int FAILURES_MAX = 5;

  /** What an entity is told; those that are not private may come from another node. */
  public sealed interface Message {}

  /** Be alive: begin, or go on. */
  public record Poke() implements Message {}

  /** A client's command, the only one there is; answered once it is stored, or refused. */
  public record Ask(WorkflowCommand.Abort command, ActorRef<Reply> replyTo) implements Message {}

  /** What a node waits for may have happened. */
  public record LookAgain(NodePath node) implements Message {}

  /** Leave memory. */
  public record Stop() implements Message {}

  private record Loaded(AcceptedExecution execution, LoadedPlans plans) implements Message {}

  private record Expanded(NodeReport report, Plan plan) implements Message {}

  private record ExpansionFailed(NodeReport report, Throwable cause) implements Message {}

  private record Unknown() implements Message {}

  private record LoadFailed(Throwable cause) implements Message {}

  private record FromJournal(WorkflowJournal.Answer answer) implements Message {}

  private record Reported(NodeReport report) implements Message {}

  private record Tick(Instant at) implements Message {}

  private record Reload() implements Message {}

  private record Published(Optional<Throwable> failure) implements Message {}

  private record Look() implements Message {}

  private record WrittenDown() implements Message {}

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

  private final Inbox inbox = new Inbox(CLIENT_COMMANDS_MAX);

  /** Nodes that have been told to look again, and have perhaps not yet done so. */
  private final Set<NodePath> told = new LinkedHashSet<>();

  private Optional<AcceptedExecution> execution = Optional.empty();
  private LoadedPlans plans = LoadedPlans.NONE;
  private Optional<ActorRef<WorkflowJournal.Decide>> journal = Optional.empty();
  private WorkflowState state = new NotStarted(LoadedPlans.NONE);
  private long sequenceNumber;
  private boolean recovered;
  private boolean leaving;
  private boolean gaveUp;
  private boolean gaveWay;
  private int publishing;
  private int failures;
  private int failuresOfAnySort;

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
            work -> WorkflowMachine.goesOn(state, work));
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

  private Behavior<Message> onMessage(Message message) {
    return gaveUp ? whenGivenUp(message) : whenAlive(message);
  }

  private Behavior<Message> whenAlive(Message message) {
    return switch (message) {
      case Poke _ -> this;
      case Ask ask -> ask(ask);
      case Stop _ -> stop();
      case Loaded loaded -> loaded(loaded);
      case Unknown _ -> unknown();
      case LoadFailed failed -> loadFailed(failed.cause());
      case Reload _ -> reload();
      case FromJournal(WorkflowJournal.Recovered answer) -> recovered(answer);
      case FromJournal(WorkflowJournal.Stepped answer) -> stepped(answer);
      case LookAgain(var node) -> told(node);
      case Reported(var report) -> reported(report);
      case Expanded(var report, var made) -> expanded(report, made);
      case ExpansionFailed(var report, var cause) -> expansionFailed(report, cause);
      case Tick(var at) -> tick(at);
      case Published published -> published(published);
      case Look _ -> look();
      case WrittenDown _ -> writtenDown();
    };
  }

  // --- coming to life

  private void load() {
    getContext()
        .pipeToSelf(
            environment.directory().find(id).thenCompose(this::withPlans),
            (message, failure) -> failure == null ? message : new LoadFailed(failure));
  }

  private CompletionStage<Message> withPlans(Optional<AcceptedExecution> found) {
    return found
        .map(accepted ->
            LoadedPlans.of(environment.directory(), accepted)
                .<Message>thenApply(loaded -> new Loaded(accepted, loaded)))
        .orElseGet(() -> CompletableFuture.completedStage(new Unknown()));
  }

  private Behavior<Message> loaded(Loaded loaded) {
    execution = Optional.of(loaded.execution());
    plans = loaded.plans();
    openJournal();
    return this;
  }

  /** It was never accepted, or it has ended, perhaps by being set aside: either way for good. */
  private Behavior<Message> unknown() {
    LOG.info("{}: no such execution is to be run", id);
    giveUp();
    return leave();
  }

  private Behavior<Message> loadFailed(Throwable cause) {
    return later("reading the execution", cause);
  }

  /** After a failure: again, with back-off; or never, if it is not the database's doing. */
  private Behavior<Message> later(String what, Throwable cause) {
    failuresOfAnySort++;
    failures = Failures.isOutage(cause) ? failures : failures + 1;
    if (failures >= FAILURES_MAX) {
      LOG.error("{}: {} failed {} times: the execution is set aside", id, what, failures, cause);
      return setAside(Failures.poisoned(cause));
    }
    LOG.warn("{}: {} failed; trying again: {}", id, what, cause.toString());
    timers.startSingleTimer("reload", new Reload(), Failures.pause(failuresOfAnySort));
    return this;
  }

  /** All of it: the journal may refer to plans that were not there when the execution was read. */
  private Behavior<Message> reload() {
    load();
    return this;
  }

  private void openJournal() {
    recovered = false;
    var child =
        getContext()
            .spawnAnonymous(
                WorkflowJournal.create(
                    id,
                    getContext().messageAdapter(WorkflowJournal.Answer.class, FromJournal::new),
                    plans,
                    environment.snapshots().apply(plans),
                    environment.clock()));
    getContext().watch(child);
    journal = Optional.of(child);
  }

  private Behavior<Message> recovered(WorkflowJournal.Recovered answer) {
    recovered = true;
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
    workers.become(assignments(WorkflowMachine.outstanding(state)));
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

  /** Kept until the node sleeps or is over: it may be about to fall asleep without having seen. */
  private Behavior<Message> told(NodePath node) {
    told.add(node);
    workers.lookAgain(node);
    return goOn();
  }

  /** The machine has to know a graph before it hears of it. */
  private Behavior<Message> reported(NodeReport report) {
    if (report instanceof NodeReport.Opened opened
        && opened.contents() instanceof Contents.Expanded(var digest)
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
            Conclusion.NONE));
  }

  /** Has the next batch decided, if none is under way; or leaves when there is nothing to do. */
  private Behavior<Message> goOn() {
    if (!recovered || inbox.isWriting()) {
      return this;
    }
    wakeTheTold();
    if (!inbox.isEmpty()) {
      journal.orElseThrow().tell(new WorkflowJournal.Decide(inbox.take()));
      return this;
    }
    return rest();
  }

  private void wakeTheTold() {
    if (told.isEmpty()) {
      return;
    }
    told.removeIf(node -> WorkflowMachine.isOver(state, node));
    var asleep = told.stream().filter(node -> WorkflowMachine.sleeps(state, node)).toList();
    if (!asleep.isEmpty()) {
      asleep.forEach(told::remove);
      inbox.add(new WorkflowCommand.LookAgain(asleep));
    }
  }

  private Behavior<Message> stepped(WorkflowJournal.Stepped answer) {
    failures = 0;
    failuresOfAnySort = 0;
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
      reconcile(answer.events());
    }
    WorkflowMachine.wakeUp(state).ifPresentOrElse(this::tickAt, () -> timers.cancel("tick"));
    return goOn();
  }

  /** Makes the workers of all nodes that the events touch equal to what the state wants. */
  private void reconcile(List<WorkflowEvent> events) {
    if (events.stream().anyMatch(WorkflowMachine::stopsEverything)) {
      workers.become(assignments(WorkflowMachine.outstanding(state)));
    } else {
      WorkflowMachine.touched(state, events)
          .forEach(touched -> workers.become(touched.node(), touched.work().map(this::assignment)));
    }
  }

  /** A moment that is far away is come to in several steps. */
  private Behavior<Message> tick(Instant moment) {
    if (environment.clock().instant().isBefore(moment)) {
      tickAt(moment);
      return this;
    }
    return command(new WorkflowCommand.Tick());
  }

  private void tickAt(Instant moment) {
    var delay = Duration.between(environment.clock().instant(), moment);
    if (delay.isNegative() || delay.isZero()) {
      timers.cancel("tick");
      getContext().getSelf().tell(new Tick(moment));
    } else {
      timers.startSingleTimer(
          "tick", new Tick(moment), delay.compareTo(TIMER_MAX) < 0 ? delay : TIMER_MAX);
    }
  }

  private List<Assignment> assignments(Set<Work> outstanding) {
    var assignments = new ArrayList<Assignment>();
    for (var work : outstanding) {
      switch (work) {
        case Work.NodeWork node -> assignments.add(assignment(node));
        case Work.Wake(var at) -> tickAt(at);
      }
    }
    return assignments;
  }

  private Assignment assignment(Work.NodeWork work) {
    return Assignments.of(execution.orElseThrow(), state, work);
  }

  // --- telling the world

  private void publish(CompletionStage<Void> told) {
    publishing++;
    getContext().pipeToSelf(told, (_, failure) -> new Published(Optional.ofNullable(failure)));
  }

  private Behavior<Message> published(Published published) {
    publishing--;
    if (published.failure().isPresent()) {
      LOG.warn("{}: could not publish: {}", id, published.failure().orElseThrow().toString());
    }
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
    timers.startSingleTimer("look", new Look(), environment.idleAfter());
    return this;
  }

  private boolean idle() {
    return recovered
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
            (_, failure) ->
                failure == null ? new WrittenDown() : new Published(Optional.of(failure)));
    return this;
  }

  private Behavior<Message> writtenDown() {
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
    if (gaveWay || (!gaveUp && leaving && !(state instanceof Done) && !idle())) {
      wakeLater.run();
    }
    return Behaviors.stopped();
  }

  // --- giving up

  /** Nothing can be recorded any more: what runs is stopped, and the row alone tells of the end. */
  private Behavior<Message> setAside(ExecutionError error) {
    giveUp();
    workers.abortAll(error.message());
    publish(environment.publisher().setAside(id, error));
    return this;
  }

  /**
   * Another owner of this execution has written: that one goes on, and this one stops, with its
   * workers as they are. Should there be none, e.g. since it was a write of its own that was late,
   * it is woken.
   */
  private Behavior<Message> giveWay() {
    LOG.warn("{}: somebody else has written; this entity gives way", id);
    gaveWay = true;
    giveUp();
    return leave();
  }

  private void giveUp() {
    gaveUp = true;
    timers.cancelAll();
    inbox.refuseAll(refusal());
  }

  private Reply.Rejected refusal() {
    return gaveWay
        ? new Reply.Rejected(Decision.Reason.BUSY, id + " has another owner")
        : new Reply.Rejected(Decision.Reason.ALREADY_ENDED, "nothing is under way for " + id);
  }

  /** Waits until nothing runs and the row is written; all else comes too late. */
  private Behavior<Message> whenGivenUp(Message message) {
    switch (message) {
      case Ask ask -> ask.replyTo().tell(refusal());
      case Reported(NodeReport.Aborted(var node, _)) -> workers.become(node, Optional.empty());
      case Published(var failure) -> {
        publishing--;
        failure.ifPresent(cause -> LOG.error("{}: could not be set aside", id, cause));
      }
      case Stop _ -> {
        return stop();
      }
      case Poke _,
          LookAgain _,
          Loaded _,
          Unknown _,
          LoadFailed _,
          Reload _,
          FromJournal _,
          Reported _,
          Expanded _,
          ExpansionFailed _,
          Tick _,
          Look _,
          WrittenDown _ -> {}
    }
    return leaveWhenAllIsStill();
  }

  private Behavior<Message> leaveWhenAllIsStill() {
    return publishing == 0 && workers.isEmpty() ? leave() : this;
  }

  // --- children

  private Behavior<Message> onChildFailed(ChildFailed signal) {
    return childGone(signal.getRef(), signal.cause());
  }

  private Behavior<Message> onTerminated(org.apache.pekko.actor.typed.Terminated signal) {
    return childGone(signal.getRef(), new IllegalStateException("stopped by itself"));
  }

  private Behavior<Message> childGone(ActorRef<Void> child, Throwable cause) {
    if (journal.filter(current -> current.equals(child)).isPresent()) {
      journal = Optional.empty();
      recovered = false;
      return Failures.isFence(cause) ? giveWay() : later("the journal", cause);
    }
    var unfinished = workers.gone(child);
    if (gaveUp) {
      return leaveWhenAllIsStill();
    }
    unfinished.ifPresent(assignment -> retryWorker(assignment, cause));
    return goOn();
  }

  /** A worker that broke is a fault of the platform: its attempt has failed. */
  private void retryWorker(Assignment assignment, Throwable cause) {
    LOG.error("{}: the worker of {} broke", id, assignment.path(), cause);
    inbox.add(Failures.report(assignment, cause));
  }
}
