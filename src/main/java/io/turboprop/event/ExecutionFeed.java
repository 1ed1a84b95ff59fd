package io.turboprop.event;

import io.turboprop.event.ExecutionFeeds.Follower;
import io.turboprop.event.ExecutionFeeds.RowsOfSteps;
import io.turboprop.event.ExecutionWatch.Watch;
import io.turboprop.setting.BackOff;
import io.turboprop.store.DatabaseOutageException;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.OverviewTables.Position;
import io.turboprop.store.RowChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one execution until it is closed: collects the changes of its rows, and delivers them,
 * merged, when the follower can take them. Deliveries come one at a time.
 */
public final class ExecutionFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionFeed.class);

  private static final Duration BETWEEN_DELIVERIES = Duration.ofMillis(100);

  /** The pauses after failures of a feed. */
  private static final BackOff FEED_FAILURES =
      new BackOff(BETWEEN_DELIVERIES, Duration.ofSeconds(5));

  /**
   * After so many failures in a row that are no outages (steps that this version can't read) the
   * follower reads the rows anew.
   */
  private static final int FAILURES_MAX = 5;

  /**
   * The most rows that a feed keeps, and the most steps that it may be behind. Beyond this the
   * follower reads all rows anew.
   */
  private static final int BOUND = 20_000;

  private static final int STEPS_AT_ONCE = 100;

  private final ExecutionFeeds feeds;
  private final Followed followed;
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

  /** The number of the latest query that has told the position. */
  private long lookedAt;

  /** The execution was deleted. */
  private boolean gone;

  /** The deliveries in a row that have failed. */
  private int failures;

  private boolean hasMoved;
  private boolean delivering;
  private boolean scheduled;
  private boolean ended;
  private long deliveredAtNanos = System.nanoTime() - BETWEEN_DELIVERIES.toNanos();
  private @Nullable Watch watching;

  /**
   * An execution that is followed.
   *
   * @param plan the execution's own
   */
  record Followed(AcceptedExecution execution, Plan plan) {}

  /**
   * @param after the step that the follower knows
   */
  ExecutionFeed(ExecutionFeeds feeds, Followed followed, long after, Follower follower) {
    this.feeds = feeds;
    this.followed = followed;
    this.follower = follower;
    this.reached = after;
    this.published = after;
  }

  /** The number of the execution. */
  long execution() {
    return followed.execution().number();
  }

  /** Hands over the watch that is closed when the feed ends. */
  void begin(Watch watch) {
    lock.lock();
    try {
      watching = watch;
      if (!ended) {
        return;
      }
    } finally {
      lock.unlock();
    }
    watch.close();
  }

  /** Takes what the publisher has just written; never blocks for long. */
  void accept(List<RowChange> changes) {
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

  /** Takes the answer of a query, unless a later query has answered before. */
  void onPositions(long number, Map<Long, Position> positions) {
    lock.lock();
    try {
      if (number < lookedAt) {
        return;
      }
      lookedAt = number;
      var now = positions.get(execution());
      if (now == null) {
        gone = true;
      } else {
        published = Math.max(published, now.publishedThrough());
        if (position == null || hasMoved(position, now)) {
          hasMoved = true;
        }
        position = now;
      }
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

  /** Schedules a delivery if there is something to deliver. The caller holds the lock. */
  private void schedule() {
    if (ended
        || delivering
        || scheduled
        || !(gone || hasMoved || overflowed || pending.size() > 0 || isBehind())) {
      return;
    }
    scheduled = true;
    var pause = failures == 0 ? BETWEEN_DELIVERIES : FEED_FAILURES.jitteredAfter(failures);
    var since = Duration.ofNanos(System.nanoTime() - deliveredAtNanos);
    var left = pause.minus(since);
    feeds.after(left.isNegative() ? Duration.ZERO : left, this::deliver);
  }

  private boolean isBehind() {
    return published > reached;
  }

  private record Delivery(long through, List<RowChange> changes, Optional<Position> moved) {}

  private void deliver() {
    if (hasEnded()) {
      return;
    }
    try {
      if (isGone()) {
        end();
        follower.gone();
      } else if (catchUp()) {
        tellFollower();
      } else {
        restart();
      }
    } catch (IOException | DatabaseOutageException e) {
      onFailure(e);
    } catch (RuntimeException e) {
      if (onFailure(e) >= FAILURES_MAX) {
        restart();
      }
    }
  }

  private boolean hasEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  private boolean isGone() {
    lock.lock();
    try {
      return gone;
    } finally {
      lock.unlock();
    }
  }

  /** A follower that fails may have missed changes, so it reads the rows anew. */
  private void tellFollower() {
    try {
      tell(take()).whenComplete((_, _) -> delivered(0));
    } catch (RuntimeException e) {
      LOG.error("a follower of {} failed; it reads the rows anew", followed.execution().id(), e);
      restart();
    }
  }

  private void restart() {
    end();
    follower.restart();
  }

  /** The failures in a row, with this one. */
  private int onFailure(Exception cause) {
    lock.lock();
    try {
      if (failures == 0) {
        LOG.warn(
            "the changes of {} can't be read now: {}", followed.execution().id(), cause.toString());
      }
      delivered(failures + 1);
      return failures;
    } finally {
      lock.unlock();
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
      var changes = pending.of(execution());
      var moved = hasMoved ? Optional.ofNullable(position) : Optional.<Position>empty();
      pending = new RowBatch();
      hasMoved = false;
      return new Delivery(reached, changes, moved);
    } finally {
      lock.unlock();
    }
  }

  private void delivered(int failuresInARow) {
    lock.lock();
    try {
      failures = failuresInARow;
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
      add(from, feeds.rows(followed, from, (int) Math.min(to - from, STEPS_AT_ONCE)));
    }
  }

  /** Adds the rows of the steps after {@code from}, unless the publisher has added them. */
  private void add(long from, RowsOfSteps rows) {
    lock.lock();
    try {
      if (rows.through() == from) {
        // The rows show a step that the journal does not have any more: the execution is being
        // deleted, and the next look finds it gone.
        published = reached;
      } else if (reached == from) {
        add(rows.changes());
        reached = rows.through();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the feed. A delivery under way still reaches the follower; no other follows. */
  @Override
  public void close() {
    end();
  }

  private void end() {
    Optional<Watch> watch;
    lock.lock();
    try {
      ended = true;
      pending = new RowBatch();
      watch = Optional.ofNullable(watching);
    } finally {
      lock.unlock();
    }
    feeds.forget(this);
    watch.ifPresent(Watch::close);
  }
}
