package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turboprop.workflow.WorkflowEvent;
import io.turboprop.workflow.WorkflowMachine;
import io.turboprop.workflow.WorkflowState;
import io.turboprop.workflow.WorkflowStep;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class JournalTest {
  private static final String ID = "workflow|p:d:x";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final WorkflowEvent STARTED = GoldenSamples.events().getFirst();

  private Database database;
  private JournalTables tables;
  private ActorTestKit engine;

  @BeforeEach
  void start() {
    database = TestingDatabase.create();
    tables = new JournalTables(database);
    engine = engine();
  }

  @AfterEach
  void stop() {
    engine.shutdownTestKit();
    database.close();
  }

  @Test
  void stepsAreReadBackFromAnySequenceNumberOn() {
    var events = GoldenSamples.events().subList(0, 5);
    var writer = engine.spawn(new Writer(ID, false));
    events.forEach(event -> persist(writer, event));

    assertThat(tables.steps(ID, 1, 100)).hasSize(5);
    assertThat(tables.steps(ID, 3, 2))
        .containsExactly(
            new JournalTables.JournaledStep(3, new WorkflowStep(List.of(events.get(2)))),
            new JournalTables.JournaledStep(4, new WorkflowStep(List.of(events.get(3)))));
    assertThat(tables.steps("workflow|p:d:another", 1, 10)).isEmpty();
  }

  @Test
  void aStateIsRecoveredFromItsSnapshot() {
    var before = persist(engine.spawn(new Writer(ID, true)), STARTED);
    assertThat(before).isInstanceOf(WorkflowState.Running.class);
    engine.shutdownTestKit();
    // What only the journal knows is taken away.
    database.sql().execute("update event_journal set event_payload = '\\x00'");

    engine = engine();
    assertThat(ask(engine.spawn(new Writer(ID, true)))).isEqualTo(before);
  }

  @Test
  void theLastTwoSnapshotsAreKept() {
    var writer = engine.spawn(new Writer(ID, true));
    GoldenSamples.events().subList(0, 5).forEach(event -> persist(writer, event));
    engine.createTestProbe().awaitAssert(() -> assertThat(snapshots()).containsExactly(4L, 5L));
  }

  private List<Long> snapshots() {
    return database
        .sql()
        .fetch("select sequence_number from snapshot order by sequence_number")
        .getValues(0, Long.class);
  }

  @Test
  void aDeletedExecutionLeavesNothing() {
    persist(engine.spawn(new Writer(ID, true)), STARTED);
    persist(engine.spawn(new Writer(ID + "y", true)), STARTED);
    database.sql().transaction(tx -> JournalTables.delete(tx.dsl(), List.of(ID)));
    assertThat(tables.steps(ID, 1, 100)).isEmpty();
    assertThat(tables.steps(ID + "y", 1, 100)).hasSize(1);
    assertThat(
            database.sql().fetch("select 1 from snapshot where persistence_id = ?", ID).isEmpty())
        .isTrue();
  }

  private ActorTestKit engine() {
    return ActorTestKit.create(
        JournalConfig.of(database, TestingDatabase.settings().journal())
            .withFallback(ConfigFactory.load()));
  }

  private WorkflowState persist(ActorRef<Write> writer, WorkflowEvent event) {
    var probe = engine.createTestProbe(WorkflowState.class);
    writer.tell(new Write(List.of(event), probe.getRef()));
    return probe.receiveMessage(PATIENCE);
  }

  private WorkflowState ask(ActorRef<Write> writer) {
    var probe = engine.createTestProbe(WorkflowState.class);
    writer.tell(new Write(List.of(), probe.getRef()));
    return probe.receiveMessage(PATIENCE);
  }

  record Write(List<WorkflowEvent> events, ActorRef<WorkflowState> replyTo) {}

  /** Persists what it is told, and answers with the state. */
  private static final class Writer
      extends EventSourcedBehavior<Write, WorkflowStep, WorkflowState> {
    private final boolean snapshots;

    Writer(String id, boolean snapshots) {
      super(PersistenceId.ofUniqueId(id));
      this.snapshots = snapshots;
    }

    @Override
    public WorkflowState emptyState() {
      return new WorkflowState.NotStarted(GoldenSamples.PLANS);
    }

    @Override
    public CommandHandler<Write, WorkflowStep, WorkflowState> commandHandler() {
      return (_, write) ->
          write.events().isEmpty()
              ? Effect().none().thenReply(write.replyTo(), state -> state)
              : Effect()
                  .persist(new WorkflowStep(write.events()))
                  .thenReply(write.replyTo(), state -> state);
    }

    @Override
    public EventHandler<WorkflowState, WorkflowStep> eventHandler() {
      return (state, step) ->
          step.events().getFirst() instanceof WorkflowEvent.Started started
              ? WorkflowMachine.evolve(state, started)
              : state;
    }

    @Override
    public boolean shouldSnapshot(WorkflowState state, WorkflowStep step, long sequenceNumber) {
      return snapshots;
    }

    @Override
    public SnapshotAdapter<WorkflowState> snapshotAdapter() {
      return new WorkflowSnapshots(GoldenSamples.PLANS);
    }
  }
}
