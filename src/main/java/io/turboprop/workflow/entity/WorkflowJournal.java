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
 * The entity's child actor that writes the journal: it decides a batch of commands, stores all
 * events of the batch as one step, and reports the result to the entity. It handles one batch at a
 * time.
 */
final class WorkflowJournal
    extends EventSourcedBehavior<WorkflowJournal.Decide, WorkflowStep, WorkflowState> {

  /** The prefix of all persistence ids; the rest is {@link ExecutionId#text()}. */
  static final String ENTITY_TYPE = "workflow";

  /**
   * The longest time that one batch may keep the thread, so that waiting commands and other
   * executions get their turn.
   */
  private static final long TURN_NANOS_MAX = Duration.ofMillis(50).toNanos();

  /** The least number of events between two snapshots. */
  private static final int EVENTS_PER_SNAPSHOT_MIN = 2_000;

  /** Decide these commands in their order, all with the same timestamp. */
  record Decide(List<WorkflowCommand> commands) {}

  /** A message to the entity. */
  sealed interface Answer {
    /** The journal that sends it. */
    ActorRef<Decide> journal();
  }

  /**
   * The journal has recovered.
   *
   * @param wakeUp when a {@code Tick} is due; empty if no alarm is set
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
   * @param wakeUp when a {@code Tick} is due; empty if no alarm is set
   */
  record BatchStored(
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
  private final boolean fromFirstStep;
  private int eventsSinceSnapshot;
  private int eventsPerSnapshot = EVENTS_PER_SNAPSHOT_MIN;
  private Optional<Decided> decided = Optional.empty();

  /** The state with its indexes; built when the journal has been read, and kept from then on. */
  private IndexedState execution;

  /**
   * The step that is being stored, and the state after it, which {@link #evolve} then does not
   * compute again.
   */
  private record Decided(WorkflowStep step, IndexedState after) {}

  private WorkflowJournal(
      ActorContext<Decide> context,
      PersistenceId id,
      ActorRef<Answer> entity,
      Plans plans,
      SnapshotAdapter<WorkflowState> snapshots,
      Clock clock,
      boolean fromFirstStep) {
    super(id);
    this.context = context;
    this.entity = entity;
    this.plans = plans;
    this.snapshots = snapshots;
    this.clock = clock;
    this.fromFirstStep = fromFirstStep;
    this.execution = IndexedState.of(new NotStarted(plans));
  }

  /**
   * @param fromFirstStep whether to read the journal from its first step without a query for a
   *     snapshot: for an execution of which no step has been published yet, so that it has few
   *     steps
   */
  static Behavior<Decide> create(
      ExecutionId id,
      ActorRef<Answer> entity,
      Plans plans,
      SnapshotAdapter<WorkflowState> snapshots,
      Clock clock,
      boolean fromFirstStep) {
    return Behaviors.setup(context ->
        new WorkflowJournal(
            context, persistenceId(id), entity, plans, snapshots, clock, fromFirstStep));
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
    return fromFirstStep
        ? Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.none())
        : super.recovery();
  }

  @Override
  public SnapshotAdapter<WorkflowState> snapshotAdapter() {
    return snapshots;
  }

  /**
   * Takes a snapshot when at least as many events were stored since the last one as the state has
   * nodes, and at least {@link #EVENTS_PER_SNAPSHOT_MIN}. The total cost of all snapshots is then
   * linear in the number of events.
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
   * The number of nodes in all open graphs of a running execution; counting visits each open graph.
   * In the other phases {@code Integer.MAX_VALUE}, so that no snapshot is taken.
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
      entity.tell(stored(events, decisions));
      return Effect().none();
    }
    var step = new WorkflowStep(List.copyOf(events));
    decided = Optional.of(new Decided(step, after));
    return Effect().persist(step).thenRun(_ -> entity.tell(stored(events, decisions)));
  }

  private BatchStored stored(List<WorkflowEvent> events, List<Decision> decisions) {
    return new BatchStored(
        context.getSelf(),
        events,
        decisions,
        execution.state(),
        WorkflowMachine.wakeUp(execution),
        lastSequenceNumber(context));
  }

  // Identity on purpose: `decided` holds the state after exactly this step object.
  @SuppressWarnings("ReferenceEquality")
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
