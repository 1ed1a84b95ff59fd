package io.turboprop.event;

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
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the rows of executions, each from a given step of its journal on, so that a follower that
 * knows the rows at that step knows them at every later one.
 *
 * <p>A feed collects changes and delivers them merged, at most once in 100 ms, and only after the
 * follower has consumed the delivery before. So a slow follower costs memory for one change per
 * node, and beyond a bound it is told to begin again. The publisher never waits for a follower.
 *
 * <p>The publisher of this JVM notifies feeds directly. Changes that it does not have (those before
 * the feed began, and those of an entity on another node of the cluster) are read from the journal:
 * every 250 ms, one query asks how far all followed executions are.
 */
public final class ExecutionFeeds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionFeeds.class);

  /** The pauses between two looks at the positions: the shortest, and those after failures. */
  private static final BackOff LOOKS = new BackOff(Duration.ofMillis(250), Duration.ofSeconds(5));

  private final ExecutionWatch watch;
  private final Journal journal;
  private final PlanNodes planNodes;
  private final Positions positions;
  private final Set<ExecutionFeed> feeds = ConcurrentHashMap.newKeySet();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  /** Numbers the queries for positions, in the order in which they began. */
  private final AtomicLong looks = new AtomicLong();

  private volatile boolean closed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("execution-feeds").factory());

  public ExecutionFeeds(
      ExecutionWatch watch, Journal journal, PlanNodes planNodes, Positions positions) {
    this.watch = watch;
    this.journal = journal;
    this.planNodes = planNodes;
    this.positions = positions;
    lookIn(LOOKS.min(), 0);
  }

  /** Reads how far executions are. */
  @FunctionalInterface
  public interface Positions {

    /** The positions by the numbers of their executions; those that are gone are left out. */
    Map<Long, Position> of(Collection<Long> executions);
  }

  /** What a feed tells. Calls come one at a time, on threads that may block. */
  public interface Follower {

    /**
     * Rows have changed.
     *
     * @param through the step of the journal that the rows show with these changes
     * @param changes at most one per row
     * @return completes when the follower can take the next delivery
     */
    CompletionStage<?> changed(long through, List<RowChange> changes);

    /** The execution's phase, parking or archiving has changed, perhaps without a step. */
    CompletionStage<?> moved(Position position);

    /** There is too much to tell: the follower reads the rows anew. Nothing follows. */
    void restart();

    /** The execution was deleted. Nothing follows. */
    void gone();
  }

  /**
   * Follows an execution.
   *
   * @param plan the execution's own
   * @param after the step that the follower knows; at least 0
   */
  public ExecutionFeed follow(
      AcceptedExecution execution, Plan plan, long after, Follower follower) {
    var feed =
        new ExecutionFeed(this, new ExecutionFeed.Followed(execution, plan), after, follower);
    feeds.add(feed);
    feed.begin(watch.watch(execution.id(), feed::accept));
    after(Duration.ZERO, () -> lookAt(feed));
    return feed;
  }

  private void lookAt(ExecutionFeed feed) {
    var number = looks.incrementAndGet();
    try {
      feed.onPositions(number, positions.of(List.of(feed.execution())));
    } catch (RuntimeException e) {
      LOG.warn("the position of an execution can't be read now: {}", e.toString());
    }
  }

  /** The rows of steps of an execution after one; blocks. */
  RowsOfSteps rows(ExecutionFeed.Followed followed, long after, int limit) throws IOException {
    var id = followed.execution().id();
    var steps = journal.read(id, after, limit);
    return new RowsOfSteps(
        steps.isEmpty() ? after : steps.getLast().sequenceNumber(),
        steps.stream()
            .flatMap(step ->
                RowChanges.of(
                    followed.execution(),
                    followed.plan(),
                    planNodes,
                    step.sequenceNumber(),
                    step.events())
                    .stream())
            .toList());
  }

  /**
   * Rows that steps have changed.
   *
   * @param through the last of the steps
   */
  record RowsOfSteps(long through, List<RowChange> changes) {}

  void forget(ExecutionFeed feed) {
    feeds.remove(feed);
  }

  /** How many feeds are open. */
  public int size() {
    return feeds.size();
  }

  /**
   * Looks at the positions after a pause, and again after each look.
   *
   * @param failures the looks in a row that have failed
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
    var followed = Set.copyOf(feeds);
    if (followed.isEmpty()) {
      return true;
    }
    var number = looks.incrementAndGet();
    try {
      var found =
          positions.of(followed.stream().map(ExecutionFeed::execution).collect(Collectors.toSet()));
      followed.forEach(feed -> feed.onPositions(number, found));
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
    feeds.forEach(ExecutionFeed::close);
    timer.shutdownNow();
    blocking.shutdown();
  }
}
