package io.turboprop.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.turboprop.journal.JournalStatements.Range;
import io.turboprop.store.Database;
import io.turboprop.store.JournalRows;
import io.turboprop.store.RefusedRowException;
import io.turboprop.store.TestingDatabase;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import scala.Option;

@Tag("integration")
class JournalTest {
  private static final String ID = "workflow|p:d:x";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final WorkflowEvent STARTED = GoldenSamples.events().getFirst();

  private Database database;
  private JournalTables tables;
  private JournalConnections journal;
  private ActorTestKit engine;

  @BeforeEach
  void start() {
    database = TestingDatabase.create();
    tables = new JournalTables(database);
    engine = engine();
  }

  @AfterEach
  void stop() {
    stopEngine();
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
    stopEngine();
    // What only the journal knows is taken away.
    database.sql().execute("update event_journal set event_payload = '\\x00'");
    assertThat(tables.newestSnapshot(ID, GoldenSamples.PLANS))
        .contains(new JournalTables.JournaledState(1, before));
    assertThat(tables.newestSnapshot("workflow|p:d:another", GoldenSamples.PLANS)).isEmpty();

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
  void aStepThatSomebodyElseHasWrittenIsRefusedAloneAmongMany() {
    var rows = IntStream.range(0, 50).mapToObj(i -> row(ID + i, 1)).toList();
    join(journal.write(List.of(rows.get(7))));
    var writes = rows.stream().map(row -> journal.write(List.of(row))).toList();

    for (int i = 0; i < rows.size(); i++) {
      var write = writes.get(i).toCompletableFuture();
      if (i == 7) {
        assertThatThrownBy(write::join)
            .hasCauseInstanceOf(RefusedRowException.class)
            .rootCause()
            .hasMessageContaining("event_journal_pkey");
      } else {
        assertThat(write.join()).isTrue();
      }
      assertThat(join(journal.highestSequenceNumber(ID + i))).isEqualTo(1);
    }
  }

  @Test
  void rowsThatAreWrittenTogetherAreStoredTogetherOrNotAtAll() {
    join(journal.write(List.of(row(ID, 2))));
    assertThat(journal.write(List.of(row(ID, 1), row(ID, 2))).toCompletableFuture())
        .failsWithin(PATIENCE);
    assertThat(join(journal.steps(new Range(ID, 1, 9, 9)))).hasSize(1);
  }

  @Test
  void stepsAreReadPageByPageAlsoBehindAMissingNumber() {
    var numbers = List.of(1L, 2L, 4L, 5L, 9L);
    numbers.forEach(number -> join(journal.write(List.of(row(ID, number)))));

    assertThat(join(journal.steps(new Range(ID, 2, 5, 2))))
        .extracting(JournalRow::sequenceNumber)
        .containsExactly(2L, 4L);
    assertThat(join(journal.highestSequenceNumber(ID))).isEqualTo(9);
    assertThat(join(journal.highestSequenceNumber("workflow|p:d:another"))).isZero();
    var replayed =
        dao()
            .messagesWithBatch(ID, 1, 9, 2, Option.empty())
            .asJava()
            .runWith(Sink.seq(), engine.system());
    assertThat(join(replayed))
        .extracting(step -> step.get()._1().sequenceNr())
        .containsExactlyElementsOf(numbers);
  }

  private StepDao dao() {
    var system = Adapter.toClassic(engine.system());
    return new StepDao(
        null, null, null, SerializationExtension.get(system), system.dispatcher(), null);
  }

  private static JournalRow row(String id, long sequenceNumber) {
    var step = new WorkflowStep(List.of(STARTED));
    var serializer = new JournalSerializer();
    return new JournalRow(
        id,
        sequenceNumber,
        1,
        "writer",
        serializer.identifier(),
        serializer.manifest(step),
        serializer.toBinary(step));
  }

  private static <T> T join(CompletionStage<T> answer) {
    return answer.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Test
  void aDeletedExecutionLeavesNothing() {
    persist(engine.spawn(new Writer(ID, true)), STARTED);
    persist(engine.spawn(new Writer(ID + "y", true)), STARTED);
    database.sql().transaction(tx -> JournalRows.delete(tx.dsl(), List.of(ID)));
    assertThat(tables.steps(ID, 1, 100)).isEmpty();
    assertThat(tables.steps(ID + "y", 1, 100)).hasSize(1);
    assertThat(
            database.sql().fetch("select 1 from snapshot where persistence_id = ?", ID).isEmpty())
        .isTrue();
  }

  private ActorTestKit engine() {
    journal = JournalConnections.open(database, TestingDatabase.settings().journal());
    var config = BootstrapSetup.create(JournalConfig.of().withFallback(ConfigFactory.load()));
    return ActorTestKit.create(
        ActorSystem.create(Behaviors.empty(), "journal", ActorSystemSetup.create(config, journal)));
  }

  private void stopEngine() {
    engine.shutdownTestKit();
    journal.close();
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
              ? EventApplier.evolve(state, started)
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
