package io.turboprop.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.event.Journal.Step;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.WorkflowEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExecutionFeedsTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int LENGTH = 8;
  private static final Plan PLAN = TestingPlans.chain(LENGTH);
  private static final AcceptedExecution EXECUTION =
      new AcceptedExecution(
          new ExecutionId("p", "d", "fed"),
          1,
          "digest",
          Values.NONE,
          ExecutionSettings.DEFAULT,
          ByteString.EMPTY,
          BEGIN,
          0,
          List.of());

  private final ExecutionWatch watch = new ExecutionWatch();
  private final TestingJournal journal = new TestingJournal();
  private final List<List<WorkflowEvent>> steps = TestingRuns.chain(LENGTH, BEGIN);
  private volatile Map<Long, Position> positions = Map.of(1L, position(0));
  private final TestingFrames frames = new TestingFrames();
  private final ExecutionFeeds feeds =
      new ExecutionFeeds(watch, journal, PlanNodes.WITHOUT_DYNAMIC, _ -> positions, frames);
  private final Recorder recorder = new Recorder();

  @AfterEach
  void close() {
    feeds.close();
  }

  @Test
  void whatThePublisherTellsArrivesWithoutReadingTheJournal() throws Exception {
    follow(0);
    // Without the position, which the feed may read before it hears of the step.
    notifyOf(new Step(journal.record(EXECUTION.id(), steps.getFirst()), steps.getFirst()));
    assertThat(recorder.through(1)).isNotEmpty();
    assertThat(journal.reads()).isZero();
  }

  @Test
  void stepsBeforeTheFollowersAreReadFromTheJournal() throws Exception {
    publish(0, false);
    publish(1, false);
    publish(2, false);
    follow(1);

    var changes = recorder.through(3);

    assertThat(nodes(changes)).containsExactlyInAnyOrder("n0", "n1", "n2");
  }

  @Test
  void aFollowerThatIsUpToDateHearsOnlyThePosition() throws Exception {
    publish(0, false);
    follow(1);
    assertThat(recorder.moved.poll(30, TimeUnit.SECONDS)).isEqualTo(position(1));
    assertThat(recorder.deliveries).isEmpty();
  }

  /** The recorder has got the first step; it takes more when the future is completed. */
  private CompletableFuture<Void> takingTheFirstStep() throws Exception {
    var taken = new CompletableFuture<Void>();
    follow(0);
    assertThat(recorder.moved.poll(30, TimeUnit.SECONDS)).isNotNull();
    recorder.answer = taken;
    publish(0, true);
    recorder.through(1);
    return taken;
  }

  @Test
  void aSlowFollowerGetsOneDeliveryForAllThatHasHappenedMeanwhile() throws Exception {
    var taken = takingTheFirstStep();
    for (int step = 1; step < steps.size(); step++) {
      publish(step, true);
    }
    assertThat(recorder.deliveries).isEmpty();
    recorder.answer = CompletableFuture.completedFuture(null);
    taken.complete(null);

    var delivery = recorder.deliveries.poll(30, TimeUnit.SECONDS);

    assertThat(delivery.through()).isEqualTo(steps.size());
    assertThat(delivery.changes()).doesNotHaveDuplicates();
  }

  @Test
  void aFrameIsEncodedOnceForAllFollowersThatKnowTheSameStep() throws Exception {
    var followers = followers(100, 0);
    for (int step = 0; step < steps.size(); step++) {
      publish(step, true);
      for (var follower : followers) {
        follower.through(step + 1);
      }
    }
    assertThat(frames.changes()).isEqualTo(steps.size());
  }

  @Test
  void aFollowerThatComesLaterSharesTheFramesOfTheOthersSoon() throws Exception {
    follow(0);
    publish(0, true);
    publish(1, true);
    recorder.through(2);
    var late = new Recorder();
    follow(1, late);
    late.through(2);
    var before = frames.changes();

    publish(2, true);

    assertThat(late.through(3)).isNotEmpty();
    assertThat(recorder.through(3)).isNotEmpty();
    assertThat(frames.changes()).isEqualTo(before + 1);
  }

  @Test
  void aSlowFollowerDoesNotDelayTheOthers() throws Exception {
    var taken = takingTheFirstStep();
    recorder.answer = CompletableFuture.completedFuture(null);
    var other = new Recorder();
    follow(1, other);

    publish(1, true);
    publish(2, true);

    assertThat(nodes(other.through(3))).contains("n1", "n2");
    assertThat(recorder.deliveries).isEmpty();
    taken.complete(null);
    assertThat(nodes(recorder.through(3))).contains("n1", "n2");
  }

  @Test
  void aFollowerThatKnowsMoreThanTheFeedIsToldNothingOlder() throws Exception {
    follow(0);
    var ahead = new Recorder();
    follow(2, ahead);
    publish(0, true);
    recorder.through(1);
    publish(1, true);
    recorder.through(2);

    publish(2, true);

    assertThat(ahead.deliveries.poll(30, TimeUnit.SECONDS).through()).isEqualTo(3);
  }

  @Test
  void aFeedEndsWithItsLastFollower() throws Exception {
    var first = feeds.follow(EXECUTION, PLAN, 0, recorder);
    var second = feeds.follow(EXECUTION, PLAN, 0, new Recorder());
    first.close();
    assertThat(feeds.size()).isOne();
    assertThat(watch.isWatched(EXECUTION.id())).isTrue();
    second.close();
    assertThat(feeds.size()).isZero();
    assertThat(watch.isWatched(EXECUTION.id())).isFalse();
  }

  @Test
  void allFollowersOfADeletedExecutionHearOfIt() throws Exception {
    var followers = followers(3, 0);
    positions = Map.of();
    for (var follower : followers) {
      assertThat(follower.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("gone");
    }
  }

  @Test
  void aDeletedExecutionIsGone() throws Exception {
    follow(0);
    positions = Map.of();
    assertThat(recorder.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("gone");
    assertThat(feeds.size()).isZero();
  }

  @Test
  void afterAnOutageTheChangesArrive() throws Exception {
    publish(0, false);
    journal.failNext(3, new IOException("away"));
    follow(0);
    assertThat(nodes(recorder.through(1))).contains("n0");
    assertThat(recorder.ends).isEmpty();
  }

  @Test
  void stepsThatCannotBeReadMakeTheFollowerReadTheRowsAnew() throws Exception {
    publish(0, false);
    journal.failNext(Integer.MAX_VALUE, new IllegalArgumentException("a newer version wrote it"));
    follow(0);
    assertThat(recorder.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("restart");
    assertThat(feeds.size()).isZero();
  }

  @Test
  void aFollowerThatFailsReadsTheRowsAnew() throws Exception {
    frames.failure = Optional.of(new IllegalStateException("no JSON"));
    publish(0, false);
    follow(0);
    assertThat(recorder.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("restart");
    assertThat(feeds.size()).isZero();
  }

  @Test
  void aFollowerThatDidNotTakeAFrameReadsTheRowsAnew() throws Exception {
    follow(0);
    assertThat(recorder.moved.poll(30, TimeUnit.SECONDS)).isNotNull();
    recorder.answer = CompletableFuture.failedFuture(new IOException("the connection is broken"));
    publish(0, true);
    assertThat(recorder.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("restart");
    assertThat(feeds.size()).isZero();
  }

  @Test
  void theNextDeliveryWaitsForAllFramesOfTheLastOne() throws Exception {
    var slow = new Recorder();
    var taken = new CompletableFuture<Void>();
    slow.answers.add(taken);
    publish(0, false);
    follow(0, slow);
    assertThat(slow.through(1)).isNotEmpty();
    assertThat(slow.moved.poll(30, TimeUnit.SECONDS)).isNotNull();
    follow(1);

    publish(1, true);

    assertThat(recorder.through(2)).isNotEmpty();
    assertThat(slow.deliveries).isEmpty();
    taken.complete(null);
    assertThat(slow.through(2)).isNotEmpty();
  }

  @Test
  void anExecutionThatIsParkedHasMoved() throws Exception {
    follow(0);
    assertThat(recorder.moved.poll(30, TimeUnit.SECONDS).parked()).isNull();
    positions = Map.of(1L, new Position(0, 2, false, "a newer version wrote it", false));
    assertThat(recorder.moved.poll(30, TimeUnit.SECONDS).parked()).contains("newer");
  }

  /** Whichever steps the publisher of this JVM tells, each is delivered once and in order. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyStepArrivesOnce(long seed) throws Exception {
    var random = new Random(seed);
    var known = random.nextInt(3);
    for (int step = 0; step < known; step++) {
      publish(step, false);
    }
    follow(known);
    for (int step = known; step < steps.size(); step++) {
      publish(step, random.nextBoolean());
    }

    var heard = new ArrayList<RowChange>();
    var through = (long) known;
    while (through < steps.size()) {
      var delivery = recorder.deliveries.poll(30, TimeUnit.SECONDS);
      var own = (ExecutionChange) delivery.changes().getFirst();
      assertThat(own.after()).isEqualTo(through);
      assertThat(own.through()).isEqualTo(delivery.through());
      through = delivery.through();
      heard.addAll(delivery.changes());
    }

    assertThat(nodes(heard)).contains("n" + (LENGTH - 1), "end-node");
    assertThat(recorder.ends).isEmpty();
  }

  private void follow(long after) {
    follow(after, recorder);
  }

  private void follow(long after, Recorder follower) {
    var _ = feeds.follow(EXECUTION, PLAN, after, follower);
  }

  private List<Recorder> followers(int size, long after) {
    var followers = Stream.generate(Recorder::new).limit(size).toList();
    followers.forEach(each -> follow(after, each));
    return followers;
  }

  /** Writes a step as the publisher does: the rows first, then perhaps the watchers of this JVM. */
  private void publish(int step, boolean isLocal) {
    var sequenceNumber = journal.record(EXECUTION.id(), steps.get(step));
    positions = Map.of(1L, position(sequenceNumber));
    if (isLocal) {
      notifyOf(new Step(sequenceNumber, steps.get(step)));
    }
  }

  private void notifyOf(Step step) {
    watch.notifyWatchers(EXECUTION.id(), changes(step));
  }

  private static List<RowChange> changes(Step step) {
    return RowChanges.of(
        EXECUTION, PLAN, PlanNodes.WITHOUT_DYNAMIC, step.sequenceNumber(), step.events());
  }

  private static Position position(long published) {
    return new Position(published, 2, false, null, false);
  }

  private static Set<String> nodes(List<RowChange> changes) {
    var nodes = new HashSet<String>();
    for (var change : changes) {
      if (change instanceof NodeExecutionChange node) {
        nodes.add(node.key().nodeId());
      }
    }
    return nodes;
  }

  private sealed interface Frame {}

  private record Delivery(long through, List<RowChange> changes) implements Frame {}

  private record Moved(Position position) implements Frame {}

  /** Keeps each frame that it encodes; the bytes are its number. */
  private static final class TestingFrames implements FrameEncoder {
    private final List<Frame> encoded = new CopyOnWriteArrayList<>();
    volatile Optional<RuntimeException> failure = Optional.empty();

    @Override
    public byte[] changes(AcceptedExecution execution, long through, List<RowChange> changes) {
      if (failure.isPresent()) {
        throw failure.orElseThrow();
      }
      return add(new Delivery(through, changes));
    }

    @Override
    public byte[] moved(Position position) {
      return add(new Moved(position));
    }

    private synchronized byte[] add(Frame frame) {
      encoded.add(frame);
      return ByteBuffer.allocate(Integer.BYTES).putInt(encoded.size() - 1).array();
    }

    Frame of(byte[] bytes) {
      return encoded.get(ByteBuffer.wrap(bytes).getInt());
    }

    long changes() {
      return encoded.stream().filter(Delivery.class::isInstance).count();
    }
  }

  /** Keeps what it is told. */
  private final class Recorder implements ExecutionFeeds.Follower {
    final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    final BlockingQueue<Position> moved = new LinkedBlockingQueue<>();
    final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    volatile CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);

    /** The answers to the next frames, before {@link #answer}. */
    final Queue<CompletableFuture<Void>> answers = new ConcurrentLinkedQueue<>();

    /** All changes up to a step, as soon as they have come. */
    List<RowChange> through(long step) throws InterruptedException {
      var changes = new ArrayList<RowChange>();
      while (true) {
        var delivery = deliveries.poll(30, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery through step %d", step).isNotNull();
        changes.addAll(delivery.changes());
        if (delivery.through() >= step) {
          return changes;
        }
      }
    }

    @Override
    public CompletionStage<?> take(byte[] frame) {
      var before = answers.poll();
      var next = before == null ? answer : before;
      switch (frames.of(frame)) {
        case Delivery delivery -> deliveries.add(delivery);
        case Moved(var position) -> moved.add(position);
      }
      return next;
    }

    @Override
    public void restart() {
      ends.add("restart");
    }

    @Override
    public void gone() {
      ends.add("gone");
    }
  }
}
