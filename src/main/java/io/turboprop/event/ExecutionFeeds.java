package io.turboprop.event;

import io.turboprop.event.ExecutionWatch.Watch;
import io.turboprop.event.Journal.Step;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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

  private static final Duration BETWEEN_DELIVERIES = Duration.ofMillis(100);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /** The most rows that a feed holds, and the most steps that it reads, before it begins again. */
  private static final int BOUND = 20_000;

  private static final int STEPS_AT_ONCE = 100;

  private final ExecutionWatch watch;
  private final Journal journal;
  private final PlanNodes planNodes;
  private final Positions positions;
  private final Set<Feed> feeds = ConcurrentHashMap.newKeySet();
  private final Executor blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("execution-feeds").factory());

  public ExecutionFeeds(
      ExecutionWatch watch, Journal journal, PlanNodes planNodes, Positions positions) {
    this.watch = watch;
    this.journal = journal;
    this.planNodes = planNodes;
    this.positions = positions;
    var every = BETWEEN_LOOKS.toMillis();
    var _ =
        timer.scheduleWithFixedDelay(
            () -> blocking.execute(this::look), every, every, TimeUnit.MILLISECONDS);
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
  public Feed follow(AcceptedExecution execution, Plan plan, long after, Follower follower) {
    var feed = new Feed(execution, plan, after, follower);
    feeds.add(feed);
    feed.begin();
    return feed;
  }

  /** How many feeds are open. */
  public int size() {
    return feeds.size();
  }

  private void look() {
    var followed = Set.copyOf(feeds);
    if (followed.isEmpty()) {
      return;
    }
    try {
      var found =
          positions.of(
              followed.stream().map(feed -> feed.execution.number()).collect(Collectors.toSet()));
      followed.forEach(feed -> feed.at(found));
    } catch (RuntimeException e) {
      LOG.warn("the positions of followed executions can't be read now; trying again", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    feeds.forEach(Feed::close);
  }

  /** Follows one execution until it is closed. */
  public final class Feed implements AutoCloseable {
    private final AcceptedExecution execution;
    private final Plan plan;
    private final Follower follower;

    private final ReentrantLock lock = new ReentrantLock();
    private RowBatch pending = new RowBatch();

    /** The step that the delivered and the pending changes lead to. */
    private long reached;

    /** The step up to which rows are known to be published. */
    private long published;

    private @Nullable Position position;

    /** There was more to tell than is kept; the follower has to read the rows anew. */
    private boolean overflowed;

    private boolean hasMoved;
    private boolean delivering;
    private boolean scheduled;
    private boolean closed;
    private long deliveredAtNanos = System.nanoTime() - BETWEEN_DELIVERIES.toNanos();
    private @Nullable Watch watching;

    private Feed(AcceptedExecution execution, Plan plan, long after, Follower follower) {
      this.execution = execution;
      this.plan = plan;
      this.follower = follower;
      this.reached = after;
      this.published = after;
    }

    private void begin() {
      watching = watch.watch(execution.id(), this::accept);
      blocking.execute(() -> {
        try {
          at(positions.of(List.of(execution.number())));
        } catch (RuntimeException e) {
          LOG.warn("the position of {} can't be read now; trying again", execution.id(), e);
        }
      });
    }

    /** Takes what the publisher has just written; never blocks for long. */
    private void accept(List<RowChange> changes) {
      lock.lock();
      try {
        for (var change : changes) {
          if (change instanceof ExecutionChange step && step.through() > reached) {
            if (step.after() == reached) {
              add(changes);
              reached = step.through();
            }
            published = Math.max(published, step.through());
            schedule();
          }
        }
      } finally {
        lock.unlock();
      }
    }

    /** Keeps changes until they are delivered, unless there are too many; under the lock. */
    private void add(List<RowChange> changes) {
      if (!overflowed) {
        pending.add(changes);
        if (pending.size() > BOUND) {
          overflowed = true;
          pending = new RowBatch();
        }
      }
    }

    private void at(Map<Long, Position> positions) {
      var now = positions.get(execution.number());
      if (now == null) {
        end();
        follower.gone();
        return;
      }
      lock.lock();
      try {
        published = Math.max(published, now.publishedThrough());
        if (position == null || hasMoved(position, now)) {
          hasMoved = true;
        }
        position = now;
        schedule();
      } finally {
        lock.unlock();
      }
    }

    private static boolean hasMoved(Position before, Position now) {
      return before.phase() != now.phase()
          || before.ended() != now.ended()
          || before.archived() != now.archived()
          || !Optional.ofNullable(before.parked()).equals(Optional.ofNullable(now.parked()));
    }

    /** Has a delivery follow if there is something to deliver; called under the lock. */
    private void schedule() {
      if (closed
          || delivering
          || scheduled
          || !(hasMoved || overflowed || pending.size() > 0 || isBehind())) {
        return;
      }
      scheduled = true;
      var since = System.nanoTime() - deliveredAtNanos;
      var delay = Math.max(0, BETWEEN_DELIVERIES.toNanos() - since);
      var _ = timer.schedule(() -> blocking.execute(this::deliver), delay, TimeUnit.NANOSECONDS);
    }

    private boolean isBehind() {
      return published > reached;
    }

    private record Delivery(long through, List<RowChange> changes, Optional<Position> moved) {}

    private void deliver() {
      try {
        if (!catchUp()) {
          end();
          follower.restart();
          return;
        }
        tell(take()).whenComplete((_, _) -> delivered());
      } catch (IOException | RuntimeException e) {
        LOG.warn("the changes of {} can't be read now; trying again", execution.id(), e);
        delivered();
      }
    }

    private CompletionStage<?> tell(Delivery delivery) {
      CompletionStage<?> told = CompletableFuture.completedStage(null);
      if (!delivery.changes().isEmpty()) {
        told = follower.changed(delivery.through(), delivery.changes());
      }
      return delivery.moved().<CompletionStage<?>>map(follower::moved).orElse(told);
    }

    private Delivery take() {
      lock.lock();
      try {
        var changes = pending.of(execution.number());
        var moved = hasMoved ? Optional.ofNullable(position) : Optional.<Position>empty();
        pending = new RowBatch();
        hasMoved = false;
        return new Delivery(reached, changes, moved);
      } finally {
        lock.unlock();
      }
    }

    private void delivered() {
      lock.lock();
      try {
        deliveredAtNanos = System.nanoTime();
        delivering = false;
        schedule();
      } finally {
        lock.unlock();
      }
    }

    /**
     * Reads the steps that the publisher of this JVM has not told; blocks, but not the publisher.
     *
     * @return whether what is pending is within the bound
     */
    private boolean catchUp() throws IOException {
      long from;
      long to;
      while (true) {
        lock.lock();
        try {
          scheduled = false;
          delivering = true;
          from = reached;
          to = published;
          if (overflowed || to - from > BOUND) {
            return false;
          }
          if (to <= from) {
            return true;
          }
        } finally {
          lock.unlock();
        }
        add(from, journal.read(execution.id(), from, (int) Math.min(to - from, STEPS_AT_ONCE)));
      }
    }

    /** Adds steps that follow {@code from}, unless the publisher has told them meanwhile. */
    private void add(long from, List<Step> steps) {
      var changes =
          steps.stream()
              .flatMap(step ->
                  RowChanges.of(execution, plan, planNodes, step.sequenceNumber(), step.events())
                      .stream())
              .toList();
      lock.lock();
      try {
        if (steps.isEmpty()) {
          // The rows show a step that the journal does not have any more: the execution is being
          // deleted, and the next look finds it gone.
          published = reached;
        } else if (reached == from) {
          add(changes);
          reached = steps.getLast().sequenceNumber();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Ends the feed; the follower hears nothing more, except what it is told at this moment. */
    @Override
    public void close() {
      end();
    }

    private void end() {
      lock.lock();
      try {
        closed = true;
        pending = new RowBatch();
      } finally {
        lock.unlock();
      }
      feeds.remove(this);
      if (watching != null) {
        watching.close();
      }
    }
  }
}
