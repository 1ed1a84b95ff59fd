package io.turboprop.event;

import io.turboprop.event.ExecutionWatch.Watch;
import io.turboprop.setting.BackOff;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the changes of executions' rows to followers. A follower that knows the rows at a given
 * step of the journal gets all later changes, so it knows the rows at every later step.
 *
 * <p>All followers of an execution share one feed. It collects changes and delivers them merged, at
 * most once in 100 ms, and to a follower only after it has consumed the previous delivery. Each
 * delivery is encoded once for all followers that know the same step. So a slow follower costs
 * memory for one change per node; beyond a limit, it has to begin again. The publisher never waits
 * for a follower.
 *
 * <p>The publisher of this JVM notifies feeds directly. Changes that it does not have (those before
 * the feed began, and those of an entity on another node of the cluster) are read from the journal:
 * every 250 ms, one query reads the published steps of all followed executions.
 */
public final class ExecutionFeeds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionFeeds.class);

  /** The pauses between two queries for positions: the normal one, and those after failures. */
  private static final BackOff LOOKS = new BackOff(Duration.ofMillis(250), Duration.ofSeconds(5));

  private final ExecutionWatch watch;
  private final Journal journal;
  private final PlanNodes planNodes;
  private final Positions positions;
  private final FrameEncoder encoder;

  /** The feeds by the numbers of their executions. A feed exists as long as it has a follower. */
  private final Map<Long, ExecutionFeed> feeds = new ConcurrentHashMap<>();

  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  /** Numbers the queries for positions, in the order in which they began. */
  private final AtomicLong looks = new AtomicLong();

  private volatile boolean closed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("execution-feeds").factory());

  public ExecutionFeeds(
      ExecutionWatch watch,
      Journal journal,
      PlanNodes planNodes,
      Positions positions,
      FrameEncoder encoder) {
    this.watch = watch;
    this.journal = journal;
    this.planNodes = planNodes;
    this.positions = positions;
    this.encoder = encoder;
    lookIn(LOOKS.min(), 0);
  }

  /** Reads the positions of executions. */
  @FunctionalInterface
  public interface Positions {

    /** The positions by the numbers of their executions; deleted executions are left out. */
    Map<Long, Position> of(Collection<Long> executions);
  }

  /** Receives the changes of an execution. Calls come one at a time, on threads that may block. */
  public interface Follower {

    /**
     * Takes a frame.
     *
     * @param frame the encoder's bytes; the follower must not change them
     * @return completes when the follower can take the next delivery
     */
    CompletionStage<?> take(byte[] frame);

    /**
     * There are too many changes: the follower has to read all rows again. No further call follows.
     */
    void restart();

    /** The execution was deleted. No further call follows. */
    void gone();
  }

  /**
   * Follows an execution until the watch is closed. A delivery under way then still reaches the
   * follower; no other follows.
   *
   * @param plan the plan of the execution itself, not of a dynamic node
   * @param after the step that the follower knows; at least 0
   */
  public Watch follow(AcceptedExecution execution, Plan plan, long after, Follower follower) {
    var following = new Following(follower, after, looks.get());
    var feed =
        feeds.compute(
            execution.number(),
            (_, present) -> {
              var joined = present == null ? begun(execution, plan) : present;
              joined.join(following);
              return joined;
            });
    after(Duration.ZERO, () -> lookAt(feed));
    return () -> leave(feed, following);
  }

  private ExecutionFeed begun(AcceptedExecution execution, Plan plan) {
    var feed = new ExecutionFeed(this, execution, plan);
    feed.begin(watch);
    return feed;
  }

  /** Removes a follower, and ends the feed with its last one. */
  void leave(ExecutionFeed feed, Following following) {
    feeds.computeIfPresent(
        feed.execution().number(),
        (_, present) -> {
          if (present != feed || !feed.leave(following)) {
            return present;
          }
          feed.end();
          return null;
        });
  }

  private void lookAt(ExecutionFeed feed) {
    var number = looks.incrementAndGet();
    try {
      feed.onPositions(number, positions.of(List.of(feed.execution().number())));
    } catch (RuntimeException e) {
      LOG.warn("the position of an execution can't be read now: {}", e.toString());
    }
  }

  /** The rows of steps of an execution after one; blocks. */
  RowsOfSteps rows(ExecutionFeed feed, long after, int limit) throws IOException {
    var steps = journal.read(feed.execution().id(), after, limit);
    return new RowsOfSteps(
        steps.isEmpty() ? after : steps.getLast().sequenceNumber(),
        steps.stream()
            .flatMap(step ->
                RowChanges.of(
                    feed.execution(), feed.plan(), planNodes, step.sequenceNumber(), step.events())
                    .stream())
            .toList());
  }

  /**
   * Rows that steps have changed.
   *
   * @param through the last of the steps
   */
  record RowsOfSteps(long through, List<RowChange> changes) {}

  FrameEncoder encoder() {
    return encoder;
  }

  /** How many followers there are. */
  public int size() {
    return feeds.values().stream().mapToInt(ExecutionFeed::size).sum();
  }

  /**
   * Queries the positions after a pause, and again after each query.
   *
   * @param failures how many queries in a row have failed
   */
  private void lookIn(Duration pause, int failures) {
    after(
        pause,
        () -> {
          var failed = look(failures) ? 0 : failures + 1;
          lookIn(failed == 0 ? LOOKS.min() : LOOKS.jitteredAfter(failed), failed);
        });
  }

  private boolean look(int failures) {
    var followed = Map.copyOf(feeds);
    if (followed.isEmpty()) {
      return true;
    }
    var number = looks.incrementAndGet();
    try {
      var found = positions.of(followed.keySet());
      followed.values().forEach(feed -> feed.onPositions(number, found));
      return true;
    } catch (RuntimeException e) {
      if (failures == 0) {
        LOG.warn("the positions of followed executions can't be read now: {}", e.toString());
      }
      return false;
    }
  }

  /** Runs work that may block after a pause, unless this is closed by then. */
  void after(Duration pause, Runnable work) {
    try {
      var _ = timer.schedule(() -> blocking.execute(work), pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    feeds.values().forEach(ExecutionFeed::end);
    feeds.clear();
    timer.shutdownNow();
    blocking.shutdown();
  }
}
