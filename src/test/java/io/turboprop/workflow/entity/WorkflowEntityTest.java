package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class WorkflowEntityTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          PersistenceTestKitPlugin.getInstance()
              .config()
              .withFallback(
                  ConfigFactory.parseString("pekko.persistence.testkit.events.serialize = off"))
              .withFallback(ConfigFactory.load()));
  private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());
  private static final Plan PLAN = TestingPlans.chain("a", "b", "c");

  private final TestingPublisher publisher = new TestingPublisher();
  private final TestProbe<String> shard = KIT.createTestProbe();
  private final AtomicInteger journals = new AtomicInteger();
  private Plan plan = PLAN;

  /** What is found together with the execution. */
  private volatile Unseen unseen = Unseen.NONE;

  /** Answers the queries of an execution in memory. */
  private volatile Supplier<CompletionStage<Unseen>> queries =
      () -> CompletableFuture.completedStage(Unseen.NONE);

  private Clock clock = Clock.systemUTC();
  private NodeMemoryLimit memoryLimit = new NodeMemoryLimit(1_000_000);

  /** Of the execution that is found. */
  private volatile long nodesMade;

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void runsToItsEndAndLeaves() {
    start("whole", TestingWorkers.succeeding());
    shard.expectMessage("passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    assertThat(publisher.events())
        .filteredOn(WorkflowEvent.NodeSucceeded.class::isInstance)
        .hasSize(4);
  }

  @Test
  void goesOnFromItsJournalAfterACrash() {
    var stuckAtB =
        new TestingWorkers(a ->
            a.path().text().equals("b")
                ? Optional.empty()
                : Optional.of(TestingWorkers.success(a)));
    var first = start("crashed", stuckAtB);
    shard.awaitAssert(() -> begun(stuckAtB, "b"));
    KIT.stop(first);

    var workers = TestingWorkers.succeeding();
    start("crashed", workers);
    shard.expectMessage("passivate");
    assertThat(workers.begun())
        .extracting(w -> ((Work.NodeWork) w).node().text())
        .containsExactly("b", "c");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
  }

  @Test
  void losesNothingWhenTheJournalFails() {
    var id = id("outage");
    JOURNAL.failNextNPersisted(WorkflowJournal.persistenceId(id).id(), 2, new TestingOutage());
    start("outage", TestingWorkers.succeeding());
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    assertThat(publisher.parked()).isEmpty();
  }

  @Test
  void abortsWhatRunsAndAnswersTheClient() {
    var workers = new TestingWorkers(_ -> Optional.empty());
    var entity = start("aborted", workers);
    shard.awaitAssert(() -> begun(workers, "a"));
    TestProbe<Reply> client = KIT.createTestProbe();
    entity.tell(new WorkflowEntity.Ask(new WorkflowCommand.Abort("why"), client.getRef()));
    client.expectMessage(new Reply.Accepted());
    shard.expectMessage("passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Aborted.class);
    assertThat(publisher.events()).anyMatch(WorkflowEvent.NodeAborted.class::isInstance);
  }

  @Test
  void anAbortThatIsUnseenIsSeenWhenTheExecutionIsLoaded() {
    unseen = new Unseen(Optional.of("stored"), List.of());
    start("unheard", new TestingWorkers(_ -> Optional.empty()));
    shard.expectMessage("passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Aborted.class);
  }

  @Test
  void leavesMemoryWhileItsOnlyTaskSleeps() {
    var until = Instant.now().plusSeconds(3600);
    var workers = new TestingWorkers(a -> Optional.of(asleep(a, until)));
    start("asleep", workers);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.wakeUps()).containsExactly(Optional.of(until));
    assertThat(workers.told()).containsExactly(new Worker.Leave());
  }

  /** Pekko's timers do not reach so far. */
  @Test
  void aTickThatComesTooEarlyIsRepeated() {
    clock = new SlowClock();
    var workers =
        new TestingWorkers(a ->
            a.path().text().equals("a") && a.progress().equals(Progress.NONE)
                ? Optional.of(asleep(a, clock.instant().plusMillis(150)))
                : Optional.of(TestingWorkers.success(a)));
    start("early", workers);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
  }

  @Test
  void aGraphOfNothingIsSeenToByAnotherWorkerThanTheOneThatOpenedIt() {
    plan = TestingPlans.plan(TestingPlans.flow(TestingPlans.array("m", 0)));
    var workers =
        new TestingWorkers(a ->
            Optional.of(
                a.finished().isPresent()
                    ? TestingWorkers.success(a)
                    : new NodeReport.Opened(
                        a.path(),
                        0,
                        Values.NONE,
                        new Subgraph.ArrayElements(0),
                        AttemptSummary.NONE)));
    start("nothing", workers);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    assertThat(workers.begun()).hasSize(2);
  }

  @Test
  void anExecutionIsLoadedWhenThereIsRoomForTheNodesThatItHasMade() {
    memoryLimit = new NodeMemoryLimit(512);
    var other = memoryLimit.reservation();
    other.reserveTotal(0, 500);
    nodesMade = 20;
    var workers = TestingWorkers.succeeding();

    var entity = start("large", workers);
    shard.awaitAssert(() -> assertThat(memoryLimit.waiting()).isEqualTo(1));
    assertThat(workers.begun()).isEmpty();

    other.release();
    shard.expectMessage("passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    KIT.stop(entity);
    shard.awaitAssert(() -> assertThat(memoryLimit.nodes()).isZero());
  }

  @Test
  void anArrayOpensItsElementsWhenThereIsRoomForThem() {
    memoryLimit = new NodeMemoryLimit(512);
    var other = memoryLimit.reservation();
    other.reserveTotal(0, 500);
    plan = TestingPlans.plan(TestingPlans.flow(TestingPlans.array("m", 0)));
    var workers =
        new TestingWorkers(a ->
            Optional.of(
                a.node().kind() instanceof NodeKind.Array && a.finished().isEmpty()
                    ? new NodeReport.Opened(
                        a.path(),
                        0,
                        Values.NONE,
                        new Subgraph.ArrayElements(20),
                        AttemptSummary.NONE)
                    : TestingWorkers.success(a)));

    start("wide", workers);
    shard.awaitAssert(() -> assertThat(memoryLimit.waiting()).isEqualTo(1));
    assertThat(publisher.events()).noneMatch(WorkflowEvent.GraphOpened.class::isInstance);

    other.release();
    shard.expectMessage("passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
  }

  @Test
  void whatRunsInAFailedGraphIsStoppedBeforeAllElseIs() {
    var failing = TestingPlans.flow(TestingPlans.task("bad"), TestingPlans.task("x"));
    plan =
        TestingPlans.plan(
            TestingPlans.flow(TestingPlans.subWorkflow("s", failing), TestingPlans.task("y")));
    var workers =
        new TestingWorkers(a ->
            a.path().nodeId().equals("bad")
                ? Optional.of((NodeReport) Facts.fails("s/0/bad", Facts.USER))
                : Optional.empty());
    start("half", workers);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events())
        .filteredOn(WorkflowEvent.NodeAborted.class::isInstance)
        .extracting(event -> ((WorkflowEvent.NodeAborted) event).node().text())
        .containsExactly("s/0/x", "y");
  }

  @Test
  void anExecutionThatIsWokenWhileItsPassivationIsRecordedStays() {
    var recorded = new CompletableFuture<Void>();
    publisher.recordPassivations(recorded);
    var begun = new AtomicInteger();
    var workers =
        new TestingWorkers(
            a -> begun.getAndIncrement() == 0 ? Optional.of(asleepUntilTold(a)) : Optional.empty());
    var entity = start("woken", workers);
    shard.awaitAssert(() -> assertThat(publisher.wakeUps()).hasSize(1));
    entity.tell(new WorkflowEntity.LookAgain(NodePath.root("a")));
    shard.awaitAssert(() -> assertThat(workers.begun()).hasSize(2));

    recorded.complete(null);
    TestProbe<Reply> client = KIT.createTestProbe();
    entity.tell(new WorkflowEntity.Ask(new WorkflowCommand.Abort("why"), client.getRef()));
    client.expectMessage(new Reply.Accepted());
    shard.expectMessage("passivate");
  }

  @Test
  void sleepsForYearsIfItHasTo() {
    var until = Instant.now().plus(Duration.ofDays(3_650));
    start("years", new TestingWorkers(a -> Optional.of(asleep(a, until))));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.wakeUps()).containsExactly(Optional.of(until));
  }

  @Test
  void whenItsSleepCanNotBeWrittenDownItTriesAgain() {
    var workers = new TestingWorkers(a -> Optional.of(asleepUntilTold(a)));
    publisher.failNextPassivation();
    start("sleepless", workers);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.wakeUps()).hasSize(1);
  }

  @Test
  void aWorkerThatBreaksIsAFaultOfThePlatformAndTriedAgain() {
    var workers =
        new TestingWorkers(a -> {
          if (a.work().attempt() == 0 && a.path().equals(NodePath.root("b"))) {
            throw new IllegalStateException("broken");
          }
          return Optional.of(TestingWorkers.success(a));
        });
    start("broken", workers);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events())
        .filteredOn(WorkflowEvent.NodeRetrying.class::isInstance)
        .hasSize(1);
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
  }

  @Test
  void anExecutionThatCannotBeReadIsParked() {
    var broken =
        new ExecutionDirectory() {
          @Override
          public CompletionStage<Optional<Found>> find(ExecutionId id) {
            return CompletableFuture.completedFuture(
                Optional.of(new Found(accepted(id), Unseen.NONE, 0)));
          }

          @Override
          public CompletionStage<Unseen> unseen(AcceptedExecution execution) {
            return CompletableFuture.completedFuture(Unseen.NONE);
          }

          @Override
          public CompletionStage<Plan> plan(String digest) {
            return CompletableFuture.failedFuture(new IllegalStateException("no plan"));
          }
        };
    var entity = spawn(TestingWorkers.succeeding(), broken, "poison");
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.parked()).hasSize(1);
    stopsForGood(entity);
  }

  @Test
  void anExecutionThatIsParkedLeavesAloneWhatRuns() {
    var id = id("broken-journal");
    var workers = new TestingWorkers(_ -> Optional.empty());
    var entity = start("broken-journal", workers);
    shard.awaitAssert(() -> begun(workers, "a"));
    JOURNAL.failNextNPersisted(
        WorkflowJournal.persistenceId(id).id(), 5, new IllegalStateException("unwritable"));
    TestProbe<Reply> client = KIT.createTestProbe();
    entity.tell(new WorkflowEntity.Ask(new WorkflowCommand.Abort("why"), client.getRef()));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.parked()).hasSize(1);
    assertThat(workers.told()).isEmpty();
    client.expectMessageClass(Reply.Rejected.class);
    stopsForGood(entity);
  }

  @Test
  void whatANewerVersionHasWrittenParksTheExecutionAtOnce() {
    var newer = new NewerFormatException(NewerFormatException.Stored.EVENT, "a kind of event");
    var tries = new AtomicInteger();
    var entity =
        spawn(
            TestingWorkers.succeeding(),
            directory(() -> {
              tries.incrementAndGet();
              return CompletableFuture.failedStage(new RuntimeException(newer));
            }),
            "newer");
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(tries).hasValue(1);
    assertThat(publisher.parked())
        .extracting(Publisher.Parking::reason)
        .containsExactly(newer.getMessage());
    stopsForGood(entity);
  }

  @Test
  void anExecutionThatBreaksItsEntityAgainAndAgainIsParked() {
    var entity =
        spawn(
            (_, _) -> {
              throw new IllegalStateException("no worker");
            },
            directory(Optional.of(accepted(id("breaking")))),
            "breaking");
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.parked())
        .singleElement()
        .satisfies(parking -> assertThat(parking.reason()).contains("no worker"));
    stopsForGood(entity);
  }

  @Test
  void anExecutionOfWhichNothingCanBePublishedIsParked() {
    publisher.answer(_ -> CompletableFuture.failedStage(new IllegalStateException("no step 1")));
    var entity = start("untellable", TestingWorkers.succeeding());
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.parked())
        .singleElement()
        .satisfies(parking -> assertThat(parking.reason()).contains("no step 1"));
    stopsForGood(entity);
  }

  @Test
  void whatCouldNotBeToldIsToldAgainFromTheJournal() {
    var failures = new AtomicInteger(2);
    publisher.answer(_ ->
        failures.getAndDecrement() > 0
            ? CompletableFuture.failedStage(new RejectedExecutionException("stopped"))
            : TestingPublisher.told());
    start("told-again", TestingWorkers.succeeding());
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    assertThat(publisher.timesCaughtUp()).isPositive();
    assertThat(publisher.parked()).isEmpty();
  }

  @Test
  void stepsThatCanNotBeToldTogetherAreOneFailure() {
    plan = TestingPlans.chain("a", "b", "c", "d", "e", "f");
    var together = new CompletableFuture<Void>();
    publisher.answer(events -> events.isEmpty() ? TestingPublisher.told() : together);
    start("together", TestingWorkers.succeeding());
    shard.awaitAssert(
        () -> assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class));
    together.completeExceptionally(new IllegalStateException("all of them"));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.parked()).isEmpty();
    assertThat(publisher.timesCaughtUp()).isEqualTo(1);
  }

  /** Each time it sleeps anew, since its signal stays unseen. */
  @Test
  void toLookAtSleepersAgainIsNoProgressOfAnExecutionThatBreaks() {
    publisher.answer(events -> {
      if (events.stream().anyMatch(WorkflowEvent.NodeRunning.class::isInstance)) {
        throw new IllegalStateException("breaks at each sleep");
      }
      return TestingPublisher.told();
    });
    unseen = new Unseen(Optional.empty(), List.of(NodePath.root("a")));
    var entity =
        start("sleeps-and-breaks", new TestingWorkers(a -> Optional.of(asleepUntilTold(a))));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.parked()).hasSize(1);
    stopsForGood(entity);
  }

  @Test
  void whatBreaksWhenAWorkerHasGoneIsTriedAgain() {
    plan = TestingPlans.chain("a");
    var go = new CompletableFuture<Void>();
    var begun = new AtomicInteger();
    var left = new CompletableFuture<Void>();
    Worker.Factory workers =
        (assignment, reports) ->
            switch (begun.incrementAndGet()) {
              case 1 -> leaving(assignment, reports, left, go);
              case 2 -> throw new IllegalStateException("no worker now");
              default -> TestingWorkers.succeeding().worker(assignment, reports);
            };
    var entity = spawn(workers, directory(Optional.of(accepted(id("signal")))), "signal");
    left.join();
    entity.tell(new WorkflowEntity.LookAgain(NodePath.root("a")));
    shard.awaitAssert(
        () -> assertThat(publisher.events()).anyMatch(WorkflowEvent.NodeAwoken.class::isInstance));
    go.complete(null);
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    assertThat(begun).hasValue(3);
  }

  /** Sleeps until it is told; asked to leave, it says so and stays for a while. */
  private static Behavior<Worker.Message> leaving(
      Assignment assignment,
      ActorRef<NodeReport> reports,
      CompletableFuture<Void> left,
      CompletableFuture<Void> go) {
    return Behaviors.setup(context -> {
      reports.tell(asleepUntilTold(assignment));
      return Behaviors.receiveMessage(message ->
          switch (message) {
            case Worker.Leave _ -> {
              left.complete(null);
              context.pipeToSelf(go, (_, _) -> new Worker.Release());
              yield Behaviors.same();
            }
            case Worker.Release _ -> Behaviors.stopped();
            case Worker.Abort _, Worker.LookAgain _ -> Behaviors.same();
          });
    });
  }

  @Test
  void whatAClosedJournalStillAnswersIsNotBelieved() {
    var found = new CompletableFuture<Optional<AcceptedExecution>>();
    var entity = spawn(TestingWorkers.succeeding(), directory(() -> found), "closed");
    TestProbe<WorkflowJournal.Decide> closed = KIT.createTestProbe();
    for (int i = 0; i < 5; i++) {
      entity.tell(
          new WorkflowEntity.FromJournal(
              new WorkflowJournal.Recovered(
                  closed.getRef(),
                  new WorkflowState.NotStarted(LoadedPlans.NONE),
                  Optional.empty(),
                  7)));
    }
    found.complete(Optional.of(accepted(id("closed"))));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Succeeded.class);
    assertThat(publisher.parked()).isEmpty();
    assertThat(journals).hasValue(1);
  }

  /** One of its nodes runs, so that it stays in memory. */
  @Test
  void anExecutionInMemoryFindsAtAnActivationWhatNoMessageHasTold() {
    plan = TestingPlans.plan(TestingPlans.flow(TestingPlans.task("a"), TestingPlans.task("b")));
    var looks = new AtomicInteger();
    var entity =
        start(
            "unseen",
            new TestingWorkers(a -> {
              if (a.path().text().equals("b")) {
                return Optional.empty();
              }
              return Optional.of(
                  looks.incrementAndGet() == 1 ? asleepUntilTold(a) : TestingWorkers.success(a));
            }));
    shard.awaitAssert(
        () -> assertThat(publisher.events()).anyMatch(WorkflowEvent.NodeRunning.class::isInstance));
    queries =
        () ->
            CompletableFuture.completedStage(
                new Unseen(Optional.empty(), List.of(NodePath.root("a"))));
    entity.tell(new WorkflowEntity.Activate());
    shard.awaitAssert(() ->
        assertThat(publisher.events()).anyMatch(WorkflowEvent.NodeSucceeded.class::isInstance));
  }

  @Test
  void anExecutionInMemoryFindsAnAbortThatNoMessageHasTold() {
    var workers = new TestingWorkers(_ -> Optional.empty());
    var entity = start("unseen-abort", workers);
    shard.awaitAssert(() -> begun(workers, "a"));
    queries = () -> CompletableFuture.completedStage(new Unseen(Optional.of("stored"), List.of()));
    entity.tell(new WorkflowEntity.Activate());
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(publisher.events()).last().isInstanceOf(WorkflowEvent.Aborted.class);
  }

  @Test
  void activationsDuringAQueryLeadToOneMore() {
    var workers = new TestingWorkers(_ -> Optional.empty());
    var entity = start("coalesced", workers);
    shard.awaitAssert(() -> begun(workers, "a"));
    var asked = new AtomicInteger();
    var answers = List.of(new CompletableFuture<Unseen>(), new CompletableFuture<Unseen>());
    queries = () -> answers.get(asked.getAndIncrement());
    for (int i = 0; i < 5; i++) {
      entity.tell(new WorkflowEntity.Activate());
    }
    shard.awaitAssert(() -> assertThat(asked).hasValue(1));
    answers.getFirst().completeExceptionally(new java.sql.SQLException("down"));
    shard.awaitAssert(() -> assertThat(asked).hasValue(2));
    answers.getLast().complete(new Unseen(Optional.of("enough"), List.of()));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    assertThat(asked).hasValue(2);
  }

  @Test
  void anExecutionThatIsHandedOverIsActivatedAtItsNextOwner() {
    var workers = new TestingWorkers(_ -> Optional.empty());
    var entity = start("handed-over", workers);
    shard.awaitAssert(() -> begun(workers, "a"));
    entity.tell(new WorkflowEntity.Stop());
    shard.expectMessage("activate later");
    shard.expectTerminated(entity);
  }

  @Test
  void whatIsNotifiedWhileItLeavesIsSeenInItsNextLife() {
    var entity = start("leaving", new TestingWorkers(a -> Optional.of(asleepUntilTold(a))));
    shard.expectMessage(Duration.ofMinutes(1), "passivate");
    entity.tell(new WorkflowEntity.LookAgain(NodePath.root("a")));
    entity.tell(new WorkflowEntity.Stop());
    shard.expectMessage("activate later");
    shard.expectTerminated(entity);
  }

  @Test
  void anExecutionThatNobodyAcceptedLeavesAtOnce() {
    var entity = spawn(TestingWorkers.succeeding(), directory(Optional.empty()), "nobody");
    shard.expectMessage("passivate");
    assertThat(publisher.events()).isEmpty();
    stopsForGood(entity);
  }

  @Test
  void theLoserOfTwoOwnersStopsAndIsWokenInCaseItWasTheOnlyOne() {
    var id = id("two-owners");
    JOURNAL.failNextNPersisted(
        WorkflowJournal.persistenceId(id).id(),
        1,
        new FencedException("twice", new IllegalStateException()));
    var entity = start("two-owners", TestingWorkers.succeeding());
    shard.expectMessage("passivate");
    entity.tell(new WorkflowEntity.Stop());
    shard.expectMessage("activate later");
    assertThat(publisher.parked()).isEmpty();
    assertThat(publisher.events()).isEmpty();
  }

  /** The shard answers, as it does, and nobody asks to be woken. */
  private void stopsForGood(ActorRef<Message> entity) {
    entity.tell(new WorkflowEntity.Stop());
    shard.expectTerminated(entity);
    shard.expectNoMessage();
  }

  private static NodeReport asleep(Assignment assignment, Instant until) {
    return new NodeReport.Running(
        assignment.path(),
        0,
        new Progress(5, 0, ByteString.EMPTY, ByteString.EMPTY),
        Optional.of(until));
  }

  private static NodeReport asleepUntilTold(Assignment assignment) {
    return new NodeReport.Running(
        assignment.path(), 0, Progress.NONE, Optional.of(NodeState.Active.UNTIL_TOLD));
  }

  private static Object begun(TestingWorkers workers, String node) {
    return assertThat(workers.begun()).contains(new Work.RunNode(NodePath.root(node), 0));
  }

  private ActorRef<Message> start(String name, TestingWorkers workers) {
    return spawn(workers, directory(Optional.of(accepted(id(name)))), name);
  }

  private ActorRef<Message> spawn(
      Worker.Factory workers, ExecutionDirectory directory, String name) {
    var environment =
        new WorkflowEntity.Environment(
            directory,
            publisher,
            workers,
            memoryLimit,
            _ -> {
              journals.incrementAndGet();
              return new NoSnapshots();
            },
            clock,
            Duration.ofMillis(200),
            Duration.ofHours(1));
    return KIT.spawn(
        WorkflowEntity.create(
            environment,
            id(name),
            () -> shard.getRef().tell("passivate"),
            () -> shard.getRef().tell("activate later")));
  }

  private ExecutionDirectory directory(Optional<AcceptedExecution> accepted) {
    return directory(() -> CompletableFuture.completedStage(accepted));
  }

  /** Breaks whoever asks for the plan "broken". */
  private ExecutionDirectory directory(
      Supplier<CompletionStage<Optional<AcceptedExecution>>> found) {
    return new ExecutionDirectory() {
      @Override
      public CompletionStage<Optional<Found>> find(ExecutionId id) {
        return found
            .get()
            .thenApply(execution -> execution.map(each -> new Found(each, unseen, nodesMade)));
      }

      @Override
      public CompletionStage<Unseen> unseen(AcceptedExecution execution) {
        return queries.get();
      }

      @Override
      public CompletionStage<Plan> plan(String digest) {
        if (digest.equals("broken")) {
          throw new IllegalStateException("a broken directory");
        }
        return CompletableFuture.completedFuture(plan);
      }
    };
  }

  private static AcceptedExecution accepted(ExecutionId id) {
    return new AcceptedExecution(
        id,
        1,
        PLAN.digest(),
        Values.NONE,
        settings(),
        ByteString.EMPTY,
        Instant.now(),
        0,
        List.of());
  }

  private static ExecutionSettings settings() {
    return new ExecutionSettings(
        0, false, 3, 1, Duration.ofMillis(10), Duration.ofMillis(10), 4096, 1_000, 250_000, false);
  }

  private static ExecutionId id(String name) {
    return new ExecutionId("p", "d", name);
  }

  /** A clock that all timers run ahead of. */
  private static final class SlowClock extends Clock {
    private final Instant start = Instant.now();

    @Override
    public Instant instant() {
      return start.plus(Duration.between(start, Instant.now()).dividedBy(2));
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** The test's journal keeps objects; no snapshot is ever taken of so short a one. */
  private static final class NoSnapshots implements SnapshotAdapter<WorkflowState> {
    @Override
    public Object toJournal(WorkflowState state) {
      throw new AssertionError("no snapshot is expected");
    }

    @Override
    public WorkflowState fromJournal(Object from) {
      throw new AssertionError("no snapshot is expected");
    }
  }
}
