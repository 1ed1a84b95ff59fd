package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.IndexedState;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The child of an entity that writes: it decides a batch of commands, stores all their events as
 * one step, and replies to the entity. It handles one batch at a time.
 */
final class WorkflowJournal
    extends EventSourcedBehavior<WorkflowJournal.Decide, WorkflowStep, WorkflowState> {

  /** The prefix of all persistence ids; the rest is {@link ExecutionId#text()}. */
  static final String ENTITY_TYPE = "workflow";

  /** The longest turn, so that commands that wait and other executions are served. */
  private static final long TURN_NANOS_MAX = Duration.ofMillis(50).toNanos();

  /** The least number of events between two snapshots. */
  private static final int EVENTS_PER_SNAPSHOT_MIN = 2_000;

  /** Decide these commands, in order, at the same time. */
  record Decide(List<WorkflowCommand> commands) {}

  /** A message to the entity. */
  sealed interface Answer {
    /** The journal that sends it. */
    ActorRef<Decide> journal();
  }

  /**
   * The journal has recovered.
   *
   * @param wakeUp when a {@code Tick} is due; empty when no moment is waited for
   */
  record Recovered(
      ActorRef<Decide> journal, WorkflowState state, Optional<Instant> wakeUp, long sequenceNumber)
      implements Answer {}

  /**
   * A batch was decided and its events, if any, were stored.
   *
   * @param events the events of the batch; may be empty
   * @param decisions one for each command
   * @param state the state after the events
   * @param wakeUp when a {@code Tick} is due; empty when no moment is waited for
   */
  record Stepped(
      ActorRef<Decide> journal,
      List<WorkflowEvent> events,
      List<Decision> decisions,
      WorkflowState state,
      Optional<Instant> wakeUp,
      long sequenceNumber)
      implements Answer {}

  private final ActorContext<Decide> context;
  private final ActorRef<Answer> entity;
  private final Plans plans;
  private final SnapshotAdapter<WorkflowState> snapshots;
  private final Clock clock;
  private final boolean isNew;
  private int eventsSinceSnapshot;
  private int eventsPerSnapshot = EVENTS_PER_SNAPSHOT_MIN;
  private Optional<Decided> decided = Optional.empty();

  /** The state with its indexes; built when the journal has been read, and kept from then on. */
  private IndexedState execution;

  /** A step that is being stored, with the state after it, so that it is not computed again. */
  private record Decided(WorkflowStep step, IndexedState after) {}

  private WorkflowJournal(
      ActorContext<Decide> context,
      PersistenceId id,
      ActorRef<Answer> entity,
      Plans plans,
      SnapshotAdapter<WorkflowState> snapshots,
      Clock clock,
      boolean isNew) {
    super(id);
    this.context = context;
    this.entity = entity;
    this.plans = plans;
    this.snapshots = snapshots;
    this.clock = clock;
    this.isNew = isNew;
    this.execution = IndexedState.of(new NotStarted(plans));
  }

  /**
   * @param isNew whether the execution is so new that it can have no snapshot: then none is
   *     queried, and the journal is read from its first step
   */
  static Behavior<Decide> create(
      ExecutionId id,
      ActorRef<Answer> entity,
      Plans plans,
      SnapshotAdapter<WorkflowState> snapshots,
      Clock clock,
      boolean isNew) {
    return Behaviors.setup(context ->
        new WorkflowJournal(context, persistenceId(id), entity, plans, snapshots, clock, isNew));
  }

  static PersistenceId persistenceId(ExecutionId id) {
    return PersistenceId.of(ENTITY_TYPE, id.text());
  }

  @Override
  public WorkflowState emptyState() {
    return new NotStarted(plans);
  }

  @Override
  public CommandHandler<Decide, WorkflowStep, WorkflowState> commandHandler() {
    return (_, batch) -> decide(batch);
  }

  @Override
  public EventHandler<WorkflowState, WorkflowStep> eventHandler() {
    return this::evolve;
  }

  @Override
  public SignalHandler<WorkflowState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::recovered)
        .build();
  }

  private void recovered(WorkflowState state) {
    execution = IndexedState.of(state);
    entity.tell(
        new Recovered(
            context.getSelf(),
            state,
            WorkflowMachine.wakeUp(execution),
            lastSequenceNumber(context)));
  }

  @Override
  public Recovery recovery() {
    return isNew
        ? Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.none())
        : super.recovery();
  }

  @Override
  public SnapshotAdapter<WorkflowState> snapshotAdapter() {
    return snapshots;
  }

  /**
   * Takes a snapshot after as many events as the state has nodes, so that the cost of snapshots
   * stays linear.
   */
  @Override
  public boolean shouldSnapshot(WorkflowState state, WorkflowStep step, long sequenceNumber) {
    if (eventsSinceSnapshot < eventsPerSnapshot) {
      return false;
    }
    eventsPerSnapshot = Math.max(EVENTS_PER_SNAPSHOT_MIN, size(state));
    if (eventsSinceSnapshot < eventsPerSnapshot) {
      return false;
    }
    eventsSinceSnapshot = 0;
    return true;
  }

  /**
   * The number of nodes of a running execution; the cost depends on all open graphs. In the other
   * phases the largest number, so that no snapshot is taken.
   */
  private static int size(WorkflowState state) {
    return switch (state) {
      case WorkflowState.Running running -> running.tree().root().size();
      case NotStarted _, WorkflowState.Succeeding _, WorkflowState.Done _ -> Integer.MAX_VALUE;
    };
  }

  private Effect<WorkflowStep, WorkflowState> decide(Decide batch) {
    var now = clock.instant();
    var events = new ArrayList<WorkflowEvent>();
    var decisions = new ArrayList<Decision>(batch.commands().size());
    var after = execution;
    var began = System.nanoTime();
    IntPredicate hasRoom =
        more ->
            events.size() + more < WorkflowMachine.EVENTS_PER_TURN_MAX
                && System.nanoTime() - began < TURN_NANOS_MAX;
    for (var command : batch.commands()) {
      var decision = WorkflowMachine.decide(after, command, now, hasRoom);
      decisions.add(decision);
      if (decision instanceof Decision.Accept(var accepted, var next)) {
        events.addAll(accepted);
        after = next;
      }
    }
    if (events.isEmpty()) {
      entity.tell(stepped(events, decisions));
      return Effect().none();
    }
    var step = new WorkflowStep(List.copyOf(events));
    decided = Optional.of(new Decided(step, after));
    return Effect().persist(step).thenRun(_ -> entity.tell(stepped(events, decisions)));
  }

  private Stepped stepped(List<WorkflowEvent> events, List<Decision> decisions) {
    return new Stepped(
        context.getSelf(),
        events,
        decisions,
        execution.state(),
        WorkflowMachine.wakeUp(execution),
        lastSequenceNumber(context));
  }

  @SuppressWarnings(
      "ReferenceEquality") // compares identity: the state after it is known only for this object
  private WorkflowState evolve(WorkflowState state, WorkflowStep step) {
    eventsSinceSnapshot += step.events().size();
    var known = decided.filter(last -> last.step() == step);
    decided = Optional.empty();
    if (known.isPresent()) {
      execution = known.orElseThrow().after();
      return execution.state();
    }
    var after = state;
    for (var event : step.events()) {
      after = EventApplier.evolve(after, event);
    }
    return after;
  }
}
