package io.turboprop.event;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.setting.BackOff;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionRequestTables;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.ListQuery;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.ProgressTables;
import io.turboprop.store.PublicationTables;
import io.turboprop.store.RefusedStatementException;
import io.turboprop.store.RowChange;
import io.turboprop.store.TestingDatabase;
import io.turboprop.store.TestingLists;
import io.turboprop.store.WakeUpTables;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Publisher;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowStep;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class TablePublisherTest {
  private static final EventSettings SETTINGS = settings(32_000_000);
  private static final Instant BEGIN = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private static final Publisher.Parking PARKING =
      new Publisher.Parking("why", BEGIN.plusSeconds(3_600), false);
  private static final int LENGTH = 4;
  private static final Plan PLAN = TestingPlans.chain(LENGTH);
  private static final ListQuery ALL = TestingLists.query(List.of(), List.of(), 1000, 0);

  private final Database database = TestingDatabase.create();
  private final AcceptanceTables acceptance = new AcceptanceTables(database);
  private final ExecutionRequestTables requests = new ExecutionRequestTables(database);
  private final WakeUpTables wakeUps = new WakeUpTables(database);
  private final ExecutionTables executions = new ExecutionTables(database);
  private final NodeExecutionTables nodes = new NodeExecutionTables(database);
  private final TestingJournal journal = new TestingJournal();
  private final ExecutionWatch watch = new ExecutionWatch();
  private TablePublisher publisher;

  @BeforeEach
  void start() {
    publisher = publisher(SETTINGS);
  }

  @AfterEach
  void stop() {
    publisher.close();
    database.close();
  }

  @Test
  void aRunIsShownWhole() throws Exception {
    var execution = accepted("whole");
    await(publishAll(execution, TestingRuns.chain(LENGTH, BEGIN)));
    assertShown(execution);
    var row = executions.find(execution.id()).orElseThrow();
    assertThat(row.outputs()).isEqualTo(TestingRuns.value(LENGTH - 1));
    assertThat(row.moments().startedAt()).isEqualTo(BEGIN);
    var attempt = nodes.task(execution.number(), "n1", 0).orElseThrow();
    assertThat(attempt.task()).isEqualTo(TestingPlans.TASK);
    assertThat(attempt.moments().startedAt()).isEqualTo(BEGIN.plusMillis(5));
  }

  @Test
  void aStepThatWasToldBeforeCountsOnce() throws Exception {
    var execution = accepted("twice");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    await(publishAll(execution, steps));
    for (int i = 0; i < steps.size(); i++) {
      await(publish(execution, i + 1, steps.get(i)));
    }
    assertShown(execution);
  }

  @Test
  void aGapIsFilledFromTheJournal() throws Exception {
    var execution = accepted("gap");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    steps.forEach(step -> journal.record(execution.id(), step));
    await(publish(execution, steps.size(), steps.getLast()));
    assertShown(execution);
  }

  @Test
  void anOwnerThatTakesOverCatchesUp() throws Exception {
    var execution = accepted("takeover");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    await(publishAll(execution, steps.subList(0, 2)));
    steps.subList(2, steps.size()).forEach(step -> journal.record(execution.id(), step));
    var found = executions.find(execution.id()).orElseThrow().accepted();
    assertThat(found.publishedThrough()).isEqualTo(2);
    await(publisher.catchUp(found, PLAN, steps.size()));
    assertShown(execution);
    assertThat(journal.reads()).isEqualTo(1);
  }

  @Test
  void anErrorThatATriggerRaisesConcernsOneExecutionOnly() throws Exception {
    var raising = accepted("raising");
    var other = accepted("other");
    database
        .sql()
        .execute(
            """
            create function raise_error() returns trigger language plpgsql as $$ begin
              if new.execution_number = %d then raise exception 'not this one'; end if;
              return new;
            end $$;
            create trigger raise_error before insert on node_execution
              for each row execute function raise_error();
            """
                .formatted(raising.number()));
    var refused = publishAll(raising, TestingRuns.chain(LENGTH, BEGIN));
    await(publishAll(other, TestingRuns.chain(LENGTH, BEGIN)));
    assertShown(other);
    assertThat(refused.toCompletableFuture())
        .failsWithin(Duration.ofSeconds(60))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(RefusedStatementException.class);
  }

  @Test
  void whatDoesNotFitIntoMemoryIsReadAgain() throws Exception {
    publisher.close();
    publisher = publisher(settings(1));
    var all = new ArrayList<CompletionStage<Void>>();
    var accepted = new ArrayList<AcceptedExecution>();
    for (int i = 0; i < 50; i++) {
      var execution = accepted("full" + i);
      accepted.add(execution);
      all.add(publishAll(execution, TestingRuns.chain(LENGTH, BEGIN)));
    }
    for (var each : all) {
      await(each);
    }
    accepted.forEach(this::assertShown);
    assertThat(journal.reads()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingIsLostWhenConnectionsAreKilledAllTheTime(long seed) throws Exception {
    var random = new Random(seed);
    var killing = new AtomicBoolean(true);
    var killer = Thread.ofVirtual().start(() -> kill(killing, random));
    var all = new ArrayList<CompletionStage<Void>>();
    var accepted = new ArrayList<AcceptedExecution>();
    for (int i = 0; i < 20; i++) {
      accepted.add(acceptedWhileKilled("killed" + seed + "-" + i));
    }
    for (var execution : accepted) {
      var steps = TestingRuns.chain(LENGTH, BEGIN);
      all.add(publishAll(execution, steps));
      if (random.nextInt(4) == 0) {
        var again = random.nextInt(steps.size());
        all.add(publish(execution, again + 1, steps.get(again)));
      }
    }
    for (var each : all) {
      await(each);
    }
    killing.set(false);
    killer.join();
    untilConnectionsLive();
    accepted.forEach(this::assertShown);
  }

  @Test
  void whatNobodyThoughtOfEndsABatchAndNotThePublisher() throws Exception {
    var surprising = new AtomicBoolean(true);
    publisher.close();
    publisher =
        publisher(
            SETTINGS,
            (id, after, limit) -> {
              if (surprising.getAndSet(false)) {
                throw new UnsupportedOperationException("a surprise");
              }
              return journal.read(id, after, limit);
            });
    var execution = accepted("surprising");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    steps.forEach(step -> journal.record(execution.id(), step));
    assertThat(publisher.catchUp(execution, PLAN, steps.size()).toCompletableFuture())
        .failsWithin(Duration.ofMinutes(1));
    await(publisher.catchUp(execution, PLAN, steps.size()));
    assertShown(execution);
  }

  @Test
  void anErrorOfTheJvmEndsThePublisherAndSaysSo() throws Exception {
    publisher.close();
    publisher =
        publisher(
            SETTINGS,
            (_, _, _) -> {
              throw new OutOfMemoryError("none left");
            });
    var execution = accepted("no-memory");
    assertOutage(publisher.catchUp(execution, PLAN, 3));
    assertThat(publisher.ended().toCompletableFuture())
        .failsWithin(Duration.ofMinutes(1))
        .withThrowableThat()
        .withMessageContaining("none left");
    assertOutage(publisher.catchUp(execution, PLAN, 3));
  }

  @Test
  void onceItIsClosedItCondemnsNoExecution() {
    publisher.close();
    assertOutage(publisher.catchUp(accepted("too-late"), PLAN, 3));
  }

  /** As the workflow's entity knows one. */
  private static void assertOutage(CompletionStage<Void> told) {
    assertThat(told.toCompletableFuture())
        .failsWithin(Duration.ofMinutes(1))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void anExecutionWhoseRowsBreakTheWriterHarmsNoOtherOfItsBatch() throws Exception {
    publisher.close();
    publisher = publisher(settings(1_000_000, Duration.ofMillis(200)));
    var strange = accepted("endless");
    var fine = accepted("fine-beside");
    var told =
        publish(strange, 1, List.of(new WorkflowEvent.Succeeding(Instant.MAX)))
            .toCompletableFuture();
    await(publishAll(fine, TestingRuns.chain(LENGTH, BEGIN)));
    assertShown(fine);
    assertThat(told).failsWithin(Duration.ofMinutes(1));

    await(publisher.park(strange.id(), PARKING));
    assertThat(executions.find(strange.id()).orElseThrow().parked()).isNotNull();
  }

  @Test
  void manyBehindAreReadAFewAtATime() throws Exception {
    var all = new ArrayList<CompletionStage<Void>>();
    var accepted = new ArrayList<AcceptedExecution>();
    for (int i = 0; i < 30; i++) {
      var execution = accepted("behind" + i);
      accepted.add(execution);
      var steps = TestingRuns.chain(LENGTH, BEGIN);
      steps.forEach(step -> journal.record(execution.id(), step));
      all.add(publisher.catchUp(execution, PLAN, steps.size()));
    }
    for (var each : all) {
      await(each);
    }
    accepted.forEach(this::assertShown);
  }

  @Test
  void twoPublishersOfOneExecutionDoNoHarm() throws Exception {
    try (var other = publisher(SETTINGS)) {
      var accepted = new ArrayList<AcceptedExecution>();
      var all = new ArrayList<CompletionStage<Void>>();
      for (int i = 0; i < 50; i++) {
        var execution = accepted("both" + i);
        accepted.add(execution);
        var steps = TestingRuns.chain(LENGTH, BEGIN);
        all.add(publishAll(execution, steps));
        for (int k = 0; k < steps.size(); k++) {
          all.add(other.publish(execution, PLAN, k + 1, new WorkflowStep(steps.get(k))));
        }
      }
      for (var each : all) {
        await(each);
      }
      accepted.forEach(this::assertShown);
    }
  }

  @Test
  void anExecutionThatCanNotBeWrittenHarmsNoOther() throws Exception {
    var strange = accepted("strange");
    var fine = accepted("fine");
    var longId = NodePath.root("n0");
    var failed =
        new WorkflowEvent.NodeFailed(
            longId,
            0,
            ExecutionError.user("a\0b", "nul \0 and \ud800"),
            AttemptSummary.NONE,
            BEGIN);
    await(publish(strange, 1, List.of(failed)));
    assertThat(nodes.node(strange.number(), "n0").orElseThrow().error())
        .isEqualTo(ExecutionError.user("ab", "nul  and ?"));

    var missing = publish(strange, 5, List.of(failed)).toCompletableFuture();
    await(publishAll(fine, TestingRuns.chain(LENGTH, BEGIN)));
    assertShown(fine);
    assertThat(missing)
        .failsWithin(Duration.ofMinutes(1))
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("has no step 2");
  }

  @Test
  void anExecutionIsActiveUntilItSleepsAndThenDueInTime() throws Exception {
    var execution = accepted("sleeper");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    assertThat(active()).containsExactly("sleeper");
    await(publishAll(execution, steps.subList(0, 2)));
    assertThat(active()).containsExactly("sleeper");

    var wakeUp = BEGIN.plusSeconds(3600);
    await(publisher.passivated(execution, PLAN, 2, Optional.of(wakeUp)));
    assertThat(active()).isEmpty();
    assertThat(due(BEGIN)).isEmpty();
    assertThat(due(wakeUp)).containsExactly("sleeper");
    assertThat(due(wakeUp)).as("taken").isEmpty();
    assertThat(due(wakeUp.plusSeconds(60))).as("nothing was heard").containsExactly("sleeper");

    await(publish(execution, 3, steps.get(2)));
    assertThat(active()).containsExactly("sleeper");
    await(publisher.passivated(execution, PLAN, 2, Optional.empty()));
    assertThat(active()).as("news of an older sleep").containsExactly("sleeper");
    await(publisher.passivated(execution, PLAN, 3, Optional.empty()));
    assertThat(active()).isEmpty();
    assertThat(due(BEGIN.plusSeconds(1_000_000_000))).as("waits to be told").isEmpty();
  }

  @Test
  void anExecutionThatHasEndedIsNeitherActiveNorDue() throws Exception {
    await(publishAll(accepted("done"), TestingRuns.chain(LENGTH, BEGIN)));
    assertThat(active()).isEmpty();
    assertThat(due(BEGIN.plusSeconds(1_000_000))).isEmpty();
  }

  @Test
  void whatIsShownOfAnExecutionIsDeletedWithIt() throws Exception {
    var execution = accepted("deleted");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    await(publishAll(execution, steps.subList(0, 2)));
    database.sql().execute("delete from execution where number = ?", execution.number());
    assertThat(nodes.list(execution.number(), null, ALL).rows()).isEmpty();
    assertThat(nodes.listTasks(execution.number(), "n0", ALL).rows()).isEmpty();

    await(publish(execution, 3, steps.get(2)));
    assertThat(nodes.list(execution.number(), null, ALL).rows()).as("after its end").isEmpty();
  }

  @Test
  void aParkedExecutionIsShownAsItWasUntilItGoesOn() throws Exception {
    var execution = accepted("parked");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    await(publishAll(execution, steps.subList(0, 2)));
    var before = executions.find(execution.id()).orElseThrow();
    await(publisher.park(execution.id(), PARKING));
    var parked = executions.find(execution.id()).orElseThrow();
    assertThat(parked.phase()).isEqualTo(before.phase());
    assertThat(parked.ended()).isFalse();
    assertThat(parked.parked()).isNotNull();
    assertThat(parked.parked().reason()).isEqualTo("why");
    assertThat(active()).isEmpty();
    assertThat(due(PARKING.until().minusSeconds(1))).isEmpty();

    await(publish(execution, 3, steps.get(2)));
    assertThat(executions.find(execution.id()).orElseThrow().parked()).isNull();
  }

  @Test
  void aParkedExecutionIsDueAtItsMomentOrOnDemand() throws Exception {
    var execution = accepted("parked");
    var wakeUps = new WakeUpTables(database);
    assertThat(wakeUps.unpark(execution.id())).isFalse();
    await(publisher.park(execution.id(), PARKING));
    assertThat(due(PARKING.until())).containsExactly("parked");
    assertThat(wakeUps.parkedCount()).isEqualTo(1);
    assertThat(wakeUps.parked(10))
        .extracting(WakeUpTables.ParkedExecution::reason)
        .containsExactly("why");
    assertThat(wakeUps.unpark(execution.id())).isTrue();
    assertThat(due(BEGIN)).containsExactly("parked");
    assertThat(wakeUps.unparkAll()).isEqualTo(1);
    assertThat(due(BEGIN)).containsExactly("parked");
  }

  @Test
  void anAbortThatWasNotSeenHasAParkedExecutionTriedAtOnce() throws Exception {
    var execution = accepted("parked");
    new ExecutionRequestTables(database).requestAbort(execution.number(), "why", "me", BEGIN);
    await(publisher.park(execution.id(), PARKING));
    assertThat(due(BEGIN)).containsExactly("parked");
    await(publisher.park(execution.id(), new Publisher.Parking("why", PARKING.until(), true)));
    assertThat(due(BEGIN)).as("one that was seen and could not be met").isEmpty();
  }

  @Test
  void anAbortThatWasAskedForIsShownUntilTheEnd() throws Exception {
    var execution = accepted("aborted");
    var steps = TestingRuns.chain(LENGTH, BEGIN);
    await(publishAll(execution, steps.subList(0, 2)));
    assertThat(requests.requestAbort(execution.number(), "why", "me", BEGIN)).isTrue();
    await(publish(execution, 3, List.of(new WorkflowEvent.Succeeding(BEGIN))));
    assertThat(executions.find(execution.id()).orElseThrow().phase())
        .isEqualTo(WorkflowExecution.Phase.ABORTING_VALUE);
    await(publish(execution, 4, List.of(new WorkflowEvent.Aborted("x", BEGIN))));
    var row = executions.find(execution.id()).orElseThrow();
    assertThat(row.phase()).isEqualTo(WorkflowExecution.Phase.ABORTED_VALUE);
    assertThat(row.abort().cause()).isEqualTo("why");
    assertThat(requests.requestAbort(execution.number(), "again", "me", BEGIN)).isFalse();
  }

  @Test
  void thoseWhoWatchAreToldWhatHasBeenWritten() throws Exception {
    var execution = accepted("watched");
    var told = new CopyOnWriteArrayList<RowChange>();
    try (var _ = watch.watch(execution.id(), told::addAll)) {
      await(publishAll(execution, TestingRuns.chain(LENGTH, BEGIN)));
      await(publisher.passivated(execution, PLAN, LENGTH + 1, Optional.empty()));
    }
    assertThat(told).isNotEmpty().allMatch(change -> change.execution() == execution.number());
    assertThat(watch.isWatched(execution.id())).isFalse();
  }

  private AcceptedExecution accepted(String name) {
    return acceptance.accept(TestingPlans.execution(name, BEGIN.minusSeconds(1))).orElseThrow();
  }

  private AcceptedExecution acceptedWhileKilled(String name) {
    while (true) {
      try {
        var accepted = acceptance.accept(TestingPlans.execution(name, BEGIN));
        return accepted.orElseGet(() ->
            executions.find(TestingPlans.execution(name, BEGIN).id()).orElseThrow().accepted());
      } catch (RuntimeException _) {
        Thread.onSpinWait();
      }
    }
  }

  /** The pool notices killed connections when they are used. */
  private void untilConnectionsLive() {
    for (int succeeded = 0; succeeded < 20; ) {
      try {
        due(BEGIN);
        succeeded++;
      } catch (RuntimeException _) {
        succeeded = 0;
      }
    }
  }

  private CompletionStage<Void> publish(
      AcceptedExecution execution, long sequenceNumber, List<WorkflowEvent> step) {
    return publisher.publish(execution, PLAN, sequenceNumber, new WorkflowStep(step));
  }

  private CompletionStage<Void> publishAll(
      AcceptedExecution execution, List<List<WorkflowEvent>> steps) {
    CompletionStage<Void> last = CompletableFuture.completedFuture(null);
    for (var step : steps) {
      var number = journal.record(execution.id(), step);
      last = publish(execution, number, step);
    }
    return last;
  }

  private void assertShown(AcceptedExecution execution) {
    var row = executions.find(execution.id()).orElseThrow();
    assertThat(row.phase()).isEqualTo(WorkflowExecution.Phase.SUCCEEDED_VALUE);
    assertThat(row.ended()).isTrue();
    assertThat(row.accepted().publishedThrough()).isEqualTo(LENGTH + 1);
    assertThat(nodes.list(execution.number(), null, ALL).rows())
        .allMatch(node -> node.phase() == NodeExecution.Phase.SUCCEEDED_VALUE)
        .extracting(NodeExecutionRow::nodeId)
        .containsExactlyInAnyOrder("start-node", "n0", "n1", "n2", "n3", "end-node");
    for (int i = 0; i < LENGTH; i++) {
      assertThat(nodes.listTasks(execution.number(), "n" + i, ALL).rows()).hasSize(1);
    }
  }

  private List<String> due(Instant now) {
    return wakeUps.takeDue(now, now.plusSeconds(30), 10).stream().map(ExecutionId::name).toList();
  }

  private List<String> active() {
    return wakeUps.active(0, 10).stream().map(active -> active.id().name()).toList();
  }

  /** Ends every connection of the pool, again and again. */
  private void kill(AtomicBoolean killing, Random random) {
    var server = database.address();
    try (var connection =
            DriverManager.getConnection(server.url(), server.user(), server.password());
        var statement = connection.createStatement()) {
      while (killing.get()) {
        statement.execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
            and application_name = 'turboprop-tables'
            """);
        Thread.sleep(random.nextInt(20, 80));
      }
    } catch (SQLException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private TablePublisher publisher(EventSettings settings) {
    return publisher(settings, journal);
  }

  private TablePublisher publisher(EventSettings settings, Journal journal) {
    return TablePublisher.start(
        new BacklogWriter(
            new ProgressTables(database),
            new PublicationTables(database),
            journal,
            PlanNodes.WITHOUT_DYNAMIC,
            watch,
            _ -> {},
            settings,
            Clock.fixed(BEGIN, ZoneOffset.UTC)),
        settings);
  }

  private static EventSettings settings(long bufferedBytesMax) {
    return settings(bufferedBytesMax, Duration.ofMillis(1));
  }

  private static EventSettings settings(long bufferedBytesMax, Duration pause) {
    return new EventSettings(
        bufferedBytesMax, 20_000, pause, new BackOff(Duration.ofMillis(2), Duration.ofMillis(20)));
  }

  private static void await(CompletionStage<Void> stage) throws Exception {
    stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
