package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.entity.Workflows;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The waker over rows that a test makes up. */
final class WakerTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseResources("pekko.conf").withFallback(ConfigFactory.load()).resolve());
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofMillis(10);

  private final TestProbe<String> activated = KIT.createTestProbe();

  /** What the next queries find; then nothing. */
  private final Queue<List<ExecutionId>> due = new ArrayDeque<>();

  private volatile int active;
  private volatile int failures;
  private volatile int unparked;

  /** How many of the next activations throw an exception. */
  private volatile int failedStarts;

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void thoseThatAreDueAreActivatedRoundAfterRound() {
    due.add(ids("a"));
    due.add(List.of());
    due.add(ids("b", "c"));
    due.add(ids("d"));
    start(SOON, NEVER);
    expect("a", "b", "c", "d");
    activated.expectNoMessage();
    assertThat(unparked).as("parked executions are tried again once").isEqualTo(1);
  }

  @Test
  void afterTheStartAllThatHaveNotEndedAreActivatedInBatches() {
    active = 5;
    start(NEVER, NEVER);
    expect("1", "2", "3", "4", "5");
    activated.expectNoMessage();
  }

  /** Its node may follow one that was lost, and others may not know that yet. */
  @Test
  void afterTheStartAllAreActivatedAgainWhenAllNodesKnow() {
    active = 1;
    start(NEVER, NEVER, SOON);
    expect("1", "1");
    activated.expectNoMessage();
  }

  @Test
  void allThatHaveNotEndedAreActivatedAgainFromTimeToTime() {
    active = 1;
    start(NEVER, SOON);
    expect("1", "1", "1");
  }

  /** Another node that does not know it yet sends messages to the lost one. */
  @Test
  void afterTheLossOfANodeAllAreActivatedAtOnceAndAgainWhenAllNodesKnow() {
    active = 1;
    var waker = start(NEVER, NEVER, SOON);
    expect("1", "1");
    waker.tell(new Waker.NodeLost());
    expect("1", "1");
    activated.expectNoMessage();
  }

  @Test
  void afterShardsHaveMovedAllAreActivated() {
    active = 1;
    start(NEVER, NEVER, SOON);
    expect("1", "1");
    KIT.system().eventStream().tell(new EventStream.Publish<>(new Waker.ShardsMoved()));
    expect("1");
    activated.expectNoMessage();
  }

  @Test
  void aQueryThatFailsIsRepeated() {
    failures = 3;
    active = 1;
    due.add(ids("a"));
    start(SOON, SOON);
    activated.fishForMessage(
        Duration.ofMinutes(1),
        id -> id.equals("a") ? FishingOutcomes.complete() : FishingOutcomes.continueAndIgnore());
    expect("1");
  }

  /** Without a waker, no execution that sleeps would go on. */
  @Test
  void aWakerThatFailsBeginsAgain() {
    failedStarts = 1;
    due.add(ids("a"));
    due.add(ids("b"));
    start(SOON, NEVER);
    expect("b");
    assertThat(unparked).as("beginnings").isEqualTo(2);
  }

  /** Starts a waker that sweeps once when it starts. */
  private ActorRef<Waker.Message> start(Duration interval, Duration sweepInterval) {
    return start(interval, sweepInterval, NEVER);
  }

  private ActorRef<Waker.Message> start(
      Duration interval, Duration sweepInterval, Duration settledAfter) {
    var settings = new Waker.Settings(interval, 2, sweepInterval, settledAfter);
    return KIT.spawn(Waker.create(settings, new Rows(), new Activations(), Runnable::run));
  }

  private void expect(String... names) {
    Arrays.stream(names).forEach(activated::expectMessage);
  }

  private static List<ExecutionId> ids(String... names) {
    return Arrays.stream(names).map(WakerTest::id).toList();
  }

  private static ExecutionId id(String name) {
    return new ExecutionId("p", "d", name);
  }

  /** Executions 1, 2, … are active. */
  private final class Rows implements Waker.Executions {
    @Override
    public List<ExecutionId> takeDue(int limit) {
      failIfAsked();
      return due.isEmpty() ? List.of() : due.remove();
    }

    @Override
    public int unparkAll() {
      failIfAsked();
      unparked++;
      return 1;
    }

    @Override
    public int parked() {
      return 0;
    }

    @Override
    public List<Waker.Row> active(long afterNumber, int limit) {
      failIfAsked();
      return LongStream.rangeClosed(afterNumber + 1, active)
          .limit(limit)
          .mapToObj(number -> new Waker.Row(number, id(String.valueOf(number))))
          .toList();
    }

    private void failIfAsked() {
      if (failures > 0) {
        failures--;
        throw new IllegalStateException("no database");
      }
    }
  }

  private final class Activations implements Workflows {
    @Override
    public void start(ExecutionId id) {
      if (failedStarts > 0) {
        failedStarts--;
        throw new IllegalStateException("no shard region");
      }
      activated.getRef().tell(id.name());
    }

    @Override
    public void lookAgain(ExecutionId id, NodePath node) {
      throw new AssertionError("the waker knows no nodes");
    }

    @Override
    public CompletionStage<WorkflowEntity.Reply> abort(ExecutionId id, String cause) {
      return CompletableFuture.failedStage(new AssertionError("the waker ends nothing"));
    }
  }
}
