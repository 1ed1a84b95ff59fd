package io.turboprop.executor;

import static io.turboprop.store.jooq.Tables.EXECUTOR;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.event.TestingPlans;
import io.turboprop.executor.v1.AttemptRequest;
import io.turboprop.metric.Meters;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.setting.BackOff;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.AttemptTables;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutorTables;
import io.turboprop.store.TestingDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jooq.types.DayToSecond;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Executors over real tables. All messages between owners and executors are lost, unless a test
 * says otherwise: only what is looked for in the tables happens.
 */
@Tag("integration")
class ExecutorTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final ExecutorSettings SETTINGS =
      new ExecutorSettings(
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          Duration.ofMillis(100),
          Duration.ofMillis(20),
          Duration.ofMillis(10));
  private static final BackOff PAUSES = new BackOff(Duration.ofMillis(1), Duration.ofMillis(20));

  private static final Executor.Calls CALLS =
      new Executor.Calls(Duration.ofMinutes(1), 3, PAUSES, Duration.ofMinutes(10));

  /** With calls that may take a tenth of a second. */
  private static final Executor.Calls IMPATIENT =
      new Executor.Calls(Duration.ofMillis(50), 2, PAUSES, Duration.ofMinutes(10));

  private static final TaskTransition SUCCESS = new Succeeded(new Outputs.Files(), TaskInfo.NONE);

  private final ActorTestKit kit = ActorTestKit.create();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final Database database = TestingDatabase.create();
  private final AttemptTables attempts = new AttemptTables(database);
  private final ExecutorTables executors = new ExecutorTables(database);
  private final MemoryDataStore store = new MemoryDataStore();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ExecutorTopic topic = ExecutorTopic.join(kit.system());
  private final AtomicLong stoodStill = new AtomicLong();
  private final LinkedBlockingQueue<NodePath> told = new LinkedBlockingQueue<>();
  private final QueuedPlugin owner = owner();

  @BeforeEach
  void accept() {
    var _ =
        new AcceptanceTables(database)
            .accept(TestingPlans.execution("e", Instant.EPOCH))
            .orElseThrow();
  }

  @AfterEach
  void close() {
    kit.shutdownTestKit();
    blocking.close();
    database.close();
  }

  @Test
  void anAttemptRunsOnAnExecutorAndItsOwnerSeesEachChange() throws Exception {
    var machine = new ScriptedMachine(1);
    assertThat(phase(task("a"))).isEqualTo(TaskPhase.WAITING_FOR_RESOURCES);
    start("one", machine);
    awaitTold();
    assertThat(phase(task("a"))).isEqualTo(TaskPhase.RUNNING);
    machine.end("a", SUCCESS);
    awaitTold();
    assertThat(handle(task("a"))).isEqualTo(SUCCESS);
    assertThat(handle(task("a"))).isEqualTo(SUCCESS);
    get(owner.finish(task("a"), ByteString.EMPTY));
    assertThat(machine.started()).containsExactly("a");
  }

  @Test
  void anotherOwnerGoesOnWhereTheLastOneDied() throws Exception {
    var machine = new ScriptedMachine(1);
    start("one", machine);
    handle(task("a"));
    awaitTold();
    var nextOwner = owner();
    assertThat(get(nextOwner.handle(task("a"), ByteString.EMPTY))).isInstanceOf(Running.class);
    machine.end("a", SUCCESS);
    awaitTold();
    assertThat(get(nextOwner.handle(task("a"), ByteString.EMPTY))).isEqualTo(SUCCESS);
    assertThat(machine.started()).containsExactly("a");
  }

  @Test
  void anOwnerThatComesTooLateStartsNothing() throws Exception {
    var machine = new ScriptedMachine(1);
    start("one", machine);
    handle(task("a"));
    awaitTold();
    machine.end("a", SUCCESS);
    awaitTold();
    get(owner.finish(task("a"), ByteString.EMPTY));
    assertThat(handle(task("a"))).isInstanceOf(Failed.class);
    assertThat(attempts.queued()).isZero();
  }

  @Test
  void noMoreAttemptsRunThanThereAreSlotsAndTheEarliestDueIsFirst() throws Exception {
    var machine = new ScriptedMachine(2);
    for (var name : List.of("d", "b", "c", "a")) {
      handle(task(name));
    }
    start("one", machine);
    awaitTold();
    awaitTold();
    assertThat(machine.running()).containsExactly("a", "b");
    assertThat(attempts.queued()).isEqualTo(2);
    machine.end("a", SUCCESS);
    awaitTold();
    awaitTold();
    assertThat(machine.running()).containsExactly("b", "c");
  }

  @Test
  void anAbortedAttemptIsStoppedWhetherItRunsOrNot() throws Exception {
    var machine = new ScriptedMachine(1);
    start("one", machine);
    handle(task("a"));
    awaitTold();
    handle(task("b"));
    get(owner.abort(task("b"), ByteString.EMPTY));
    get(owner.abort(task("a"), ByteString.EMPTY));
    get(owner.abort(task("a"), ByteString.EMPTY));
    get(owner.abort(task("never queued"), ByteString.EMPTY));
    assertThat(machine.running()).isEmpty();
    assertThat(machine.aborted()).containsExactly("a");
    assertThat(machine.started()).containsExactly("a");
  }

  @Test
  void theAttemptsOfADeadExecutorFailAsTheSystemsFault() throws Exception {
    var executor = start("one", new ScriptedMachine(1));
    handle(task("a"));
    awaitTold();
    kit.stop(executor);
    sweep();
    assertThat(phase(task("a"))).isEqualTo(TaskPhase.RUNNING);
    endLease("one");
    sweep();
    awaitTold();
    var failed = (Failed) handle(task("a"));
    assertThat(failed.error().kind()).isEqualTo(ExecutionError.Kind.SYSTEM);
    assertThat(failed.error().code()).isEqualTo("ExecutorLost");
    assertThat(failed.recoverable()).isTrue();
    assertThatAnotherExecutorRuns("a, again");
  }

  @Test
  void anExecutorThatStoodStillKillsItsProcessesAndItsReportsAreRefused() throws Exception {
    var machine = new ScriptedMachine(1);
    start("one", machine);
    handle(task("a"));
    awaitTold();
    machine.timeIsOver();
    stoodStill.addAndGet(SETTINGS.lease().toNanos());
    endLease("one");
    kit.createTestProbe()
        .awaitAssert(
            PATIENCE,
            () -> {
              assertThat(((Failed) handle(task("a"))).error().code()).isEqualTo("ExecutorLost");
              return "lost";
            });
    assertThat(machine.times()).contains(Duration.ZERO);
    assertThat(registry.counter("turboprop.executor.leases.lost").count()).isEqualTo(1);
    handle(task("b"));
    kit.createTestProbe()
        .awaitAssert(
            PATIENCE, () -> assertThat(machine.running()).containsExactly("b").isNotNull());
    assertThat(machine.started()).containsExactly("a", "b");
  }

  @Test
  void anEndThatComesAfterTheLeaseIsRefused() throws Exception {
    var machine = new ScriptedMachine(1);
    start("one", machine, withoutRenewals());
    handle(task("a"));
    awaitTold();
    endLease("one");
    sweep();
    awaitTold();
    machine.end("a", SUCCESS);
    kit.createTestProbe()
        .awaitAssert(PATIENCE, () -> assertThat(machine.finished()).containsExactly("a"));
    assertThat(((Failed) handle(task("a"))).error().code()).isEqualTo("ExecutorLost");
  }

  private static ExecutorSettings withoutRenewals() {
    return new ExecutorSettings(
        SETTINGS.lease(),
        SETTINGS.margin(),
        Duration.ofHours(1),
        SETTINGS.pollInterval(),
        SETTINGS.sweepInterval());
  }

  @Test
  void aRestartedExecutorTakesOverWhatStillRuns() throws Exception {
    var machine = new ScriptedMachine(1);
    var executor = start("one", machine);
    handle(task("a"));
    awaitTold();
    kit.stop(executor);
    start("one", machine);
    machine.end("a", SUCCESS);
    awaitTold();
    assertThat(handle(task("a"))).isEqualTo(SUCCESS);
    assertThat(machine.started()).containsExactly("a");
    assertThat(machine.times()).startsWith(Duration.ZERO).containsOnlyOnce(Duration.ZERO);
  }

  @Test
  void aRestartedExecutorTakesNothingOverThatTheGuardHasKilled() throws Exception {
    var machine = new ScriptedMachine(1);
    var executor = start("one", machine);
    handle(task("a"));
    awaitTold();
    kit.stop(executor);
    machine.timeIsOver();
    start("one", machine);
    kit.createTestProbe()
        .awaitAssert(
            PATIENCE,
            () -> {
              assertThat(((Failed) handle(task("a"))).error().code()).isEqualTo("ExecutorLost");
              return "lost";
            });
  }

  @Test
  void whatIsNotTakenOverIsKilledBeforeItsAttemptEnds() throws Exception {
    var machine = new ScriptedMachine(1);
    var executor = start("one", machine);
    handle(task("a"));
    awaitTold();
    kit.stop(executor);
    machine.timeIsOver();
    var atKill = new LinkedBlockingQueue<AttemptTables.State>();
    machine.beforeKill = () -> atKill.add(stateOf("a"));
    start("one", machine);
    awaitTold();
    assertThat(((Failed) handle(task("a"))).error().code()).isEqualTo("ExecutorLost");
    assertThat(atKill).isNotEmpty().containsOnly(AttemptTables.State.LEASED);
  }

  @Test
  void anExecutorThatIsDrainedKillsWhatRunsAndThenGivesItBackAtOnce() throws Exception {
    var machine = new ScriptedMachine(2);
    var executor = start("one", machine);
    handle(task("a"));
    awaitTold();
    var atKill = new LinkedBlockingQueue<AttemptTables.State>();
    machine.beforeKill = () -> atKill.add(stateOf("a"));
    drain(executor);
    awaitTold();
    assertThat(atKill).containsExactly(AttemptTables.State.LEASED);
    assertThat(machine.running()).isEmpty();
    assertThat(((Failed) handle(task("a"))).error().code()).isEqualTo("ExecutorLost");
    assertThatAnotherExecutorRuns("a, again");
  }

  @Test
  void anExecutorThatIsDrainedWhileItBeginsTakesNothing() throws Exception {
    handle(task("a"));
    var machine = new ScriptedMachine(1);
    drain(start("one", machine));
    assertThat(stateOf("a")).isEqualTo(AttemptTables.State.QUEUED);
    assertThat(machine.started()).isEmpty();
    assertThat(executors.adopt("one", "http://127.0.0.1:1", SETTINGS.lease())).isEmpty();
  }

  private void drain(ActorRef<Executor.Message> executor) throws Exception {
    get(drained(executor));
  }

  private CompletionStage<Done> drained(ActorRef<Executor.Message> executor) {
    return AskPattern.ask(executor, Executor.Drain::new, PATIENCE, kit.scheduler());
  }

  private AttemptTables.State stateOf(String name) {
    return attempts
        .find(new AttemptTables.Key(new ExecutionId("p", "d", "e"), name))
        .orElseThrow()
        .state();
  }

  @Test
  void aMessageMakesItQuick() throws Exception {
    var slow =
        new ExecutorSettings(
            SETTINGS.lease(),
            SETTINGS.margin(),
            SETTINGS.renewInterval(),
            Duration.ofHours(1),
            Duration.ofHours(1));
    var machine = new ScriptedMachine(1);
    start("one", machine, slow);
    var quick = new QueuedPlugin(ScriptedMachine.ID, attempts, topic, blocking);
    kit.createTestProbe()
        .awaitAssert(
            PATIENCE,
            () -> {
              topic.queued();
              get(quick.handle(task("a"), ByteString.EMPTY));
              return assertThat(machine.running()).containsExactly("a");
            });
    get(quick.abort(task("a"), ByteString.EMPTY));
    assertThat(machine.aborted()).containsExactly("a");
  }

  @Test
  void anAttemptThatNoExecutorCanReadFailsAndHoldsUpNothing() throws Exception {
    attempts.enqueue(
        new AttemptTables.NewAttempt(
            new AttemptTables.Key(new ExecutionId("p", "d", "e"), "a"),
            NodePath.root("n0"),
            ScriptedMachine.ID,
            false,
            Instant.EPOCH,
            0,
            ByteString.copyFromUtf8("no request")));
    var machine = new ScriptedMachine(1);
    start("one", machine);
    awaitTold();
    assertThat(((Failed) handle(task("a"))).error().code()).isEqualTo("AttemptRefused");
    handle(task("b"));
    awaitTold();
    assertThat(machine.running()).containsExactly("b");
  }

  @Test
  void anAttemptThatWasTakenWithoutAnAnswerIsRun() throws Exception {
    var machine = new ScriptedMachine(1);
    start("one", machine);
    handle(task("b"));
    awaitTold();
    handle(task("a"));
    executors.pull(new ExecutorTables.Session("one", 1), ScriptedMachine.ID, 1, 0);
    machine.end("b", SUCCESS);
    awaitTold();
    kit.createTestProbe()
        .awaitAssert(PATIENCE, () -> assertThat(machine.running()).containsExactly("a"));
  }

  @Test
  void anAttemptWhoseCallHangsIsStoppedBeforeItEnds() throws Exception {
    var machine = new ScriptedMachine(1);
    machine.hanging.add("handle");
    var atAbort = new LinkedBlockingQueue<AttemptTables.State>();
    machine.beforeAbort = () -> atAbort.add(stateOf("a"));
    handle(task("a"));
    start("one", machine, SETTINGS, IMPATIENT);
    awaitTold();
    var failed = (Failed) handle(task("a"));
    assertThat(failed.error().code()).isEqualTo("HandlerFailed");
    assertThat(failed.recoverable()).isTrue();
    assertThat(machine.started()).containsExactly("a");
    assertThat(atAbort).containsExactly(AttemptTables.State.LEASED);
  }

  @Test
  void anAttemptThatCouldNotBeStoppedAtFirstIsStoppedBeforeItEnds() throws Exception {
    var machine = new ScriptedMachine(1);
    machine.failAborts(1);
    handle(task("a"));
    start("one", machine, SETTINGS, IMPATIENT);
    awaitTold();
    get(owner.abort(task("a"), ByteString.EMPTY));
    assertThat(machine.aborted()).containsExactly("a", "a");
    assertThat(machine.running()).isEmpty();
  }

  @Test
  void anAttemptThatCannotBeStoppedIsCleanedUpBeforeItEnds() throws Exception {
    var machine = new ScriptedMachine(1);
    machine.failAborts(Integer.MAX_VALUE);
    handle(task("a"));
    start("one", machine, SETTINGS, IMPATIENT);
    awaitTold();
    get(owner.abort(task("a"), ByteString.EMPTY));
    assertThat(machine.finished()).contains("a");
    assertThat(machine.running()).isEmpty();
  }

  @Test
  void stopsAndCleanUpsThatHangHoldNothingUp() throws Exception {
    var machine = new ScriptedMachine(1);
    machine.hanging.addAll(List.of("abort", "finish"));
    handle(task("a"));
    start("one", machine, SETTINGS, IMPATIENT);
    awaitTold();
    get(owner.abort(task("a"), ByteString.EMPTY));
    handle(task("b"));
    kit.createTestProbe()
        .awaitAssert(
            PATIENCE, () -> assertThat(machine.running()).containsExactly("b").isNotNull());
    assertThat(machine.aborted()).containsExactly("a");
  }

  @Test
  void theFilesOfExecutionsThatWereDeletedElsewhereAreDeleted() throws Exception {
    var machine = new ScriptedMachine(1);
    var known = new ExecutionId("p", "d", "e");
    machine.kept.addAll(List.of(known, new ExecutionId("p", "d", "deleted")));
    assertThat(new RetainedFiles(executors, List.of(machine)).delete()).isEqualTo(1);
    assertThat(machine.kept).containsExactly(known);
  }

  @Test
  void filesThatCannotBeDeletedKeepNoOthersFromBeingDeleted() throws Exception {
    var machine = new ScriptedMachine(1);
    var busy = new ExecutionId("p", "d", "busy");
    machine.undeletable.add(busy);
    machine.kept.addAll(List.of(busy, new ExecutionId("p", "d", "deleted")));
    assertThat(new RetainedFiles(executors, List.of(machine)).delete()).isEqualTo(1);
    assertThat(machine.kept).containsExactly(busy);
  }

  @Test
  void aStopThatNoExecutorAnswersEndsWithAFailure() throws Exception {
    handle(task("a"));
    var session = executors.begin("silent", "http://127.0.0.1:1", SETTINGS.lease()).session();
    assertThat(executors.pull(session, ScriptedMachine.ID, 1, 0)).hasSize(1);
    var impatient =
        new QueuedPlugin(
            ScriptedMachine.ID, attempts, new LostNews(), blocking, Duration.ofMillis(50));
    assertThat(impatient.abort(task("a"), ByteString.EMPTY).toCompletableFuture())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withMessageContaining("has not stopped it within");
    assertThat(stateOf("a")).isEqualTo(AttemptTables.State.LEASED);
  }

  @Test
  void everyoneThatDrainsAnExecutorIsTold() throws Exception {
    var machine = new ScriptedMachine(1);
    var executor = start("one", machine);
    handle(task("a"));
    awaitTold();
    var release = new CountDownLatch(1);
    machine.beforeKill = () -> await(release);
    var first = drained(executor);
    var second = drained(executor);
    release.countDown();
    get(first);
    get(second);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An owner whose messages to executors are lost. */
  private QueuedPlugin owner() {
    return new QueuedPlugin(ScriptedMachine.ID, attempts, new LostNews(), blocking);
  }

  private ActorRef<Executor.Message> start(String node, ScriptedMachine machine) {
    return start(node, machine, SETTINGS);
  }

  private ActorRef<Executor.Message> start(
      String node, ScriptedMachine machine, ExecutorSettings settings) {
    return start(node, machine, settings, CALLS);
  }

  private ActorRef<Executor.Message> start(
      String node, ScriptedMachine machine, ExecutorSettings settings, Executor.Calls calls) {
    return kit.spawn(
        Executor.create(
            settings,
            calls,
            new Executor.Identity(node, "http://127.0.0.1:1"),
            new Executor.Environment(
                executors,
                List.of(machine),
                store,
                new TestingWorkflows(told::add),
                blocking,
                Clock.systemUTC(),
                () -> System.nanoTime() + stoodStill.get(),
                new ExecutorMeters(new Meters(registry))),
            topic));
  }

  private void sweep() {
    try (var sweep =
        new AttemptSweep(
            attempts,
            new TestingWorkflows(told::add),
            SETTINGS,
            new Meters(new SimpleMeterRegistry()))) {
      sweep.sweep();
    }
  }

  private void awaitTold() throws InterruptedException {
    assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(NodePath.root("n0"));
  }

  /** An attempt; its first letter says when it is due. */
  private TaskContext task(String name) {
    return new LeasedTask(
        AttemptRequest.newBuilder()
            .setProject("p")
            .setDomain("d")
            .setName("e")
            .setPath("n0")
            .setNodeId("n0")
            .setGeneratedName(name)
            .setDueBy(Timestamp.newBuilder().setSeconds(name.charAt(0)))
            .setInputsFile("/inputs.pb")
            .setOutputPrefix("/out/" + name)
            .setRawOutputPrefix("/raw/" + name)
            .setCheckpointPrefix("/checkpoints/" + name)
            .build(),
        store,
        () -> {});
  }

  private TaskTransition handle(TaskContext task) throws Exception {
    return get(owner.handle(task, ByteString.EMPTY));
  }

  private TaskPhase phase(TaskContext task) throws Exception {
    return ((Running) handle(task)).phase();
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void endLease(String node) {
    database
        .sql()
        .update(EXECUTOR)
        .set(
            EXECUTOR.LEASE_UNTIL,
            EXECUTOR.LEASE_UNTIL.sub(DayToSecond.valueOf(Duration.ofHours(1))))
        .where(EXECUTOR.NODE.eq(node))
        .execute();
  }

  private void assertThatAnotherExecutorRuns(String task) throws Exception {
    var other = new ScriptedMachine(1);
    start("two", other);
    handle(task(task));
    awaitTold();
    assertThat(other.running()).containsExactly(task);
  }
}
