package io.turboprop.event;

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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects the changes of one execution's rows, and delivers them to all its followers.
 *
 * <p>Followers that know the same step form a group. A delivery encodes the merged changes of a
 * group once. Followers that have not consumed the previous delivery stay in their group, which
 * goes on merging changes for them. All other followers know the same step afterwards and form one
 * group, so a feed has at most one group more than it has slow followers.
 */
final class ExecutionFeed {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionFeed.class);

  private static final Duration BETWEEN_DELIVERIES = Duration.ofMillis(100);

  /** The pauses after failures of a feed. */
  private static final BackOff FEED_FAILURES =
      new BackOff(BETWEEN_DELIVERIES, Duration.ofSeconds(5));

  /**
   * If this many deliveries in a row have failed, and the last failure is no outage (for example a
   * step that this version can't read), the followers that do not know this step are told to read
   * all rows again.
   */
  private static final int FAILURES_MAX = 5;

  /**
   * The most rows that the groups of a feed keep together. Beyond this, the followers that are
   * farthest behind are told to read all rows again.
   */
  private static final int ROWS_MAX = 20_000;

  /** A group that is more steps behind than this is told to read all rows again. */
  private static final int STEPS_BEHIND_MAX = 20_000;

  /** The most steps that one query reads. */
  private static final int STEPS_PER_QUERY = 100;

  private final ExecutionFeeds feeds;
  private final AcceptedExecution execution;
  private final Plan plan;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<FollowerGroup> groups = new ArrayList<>();

  /** The step up to which rows are known to be published. */
  private long published;

  /** Null until a query has answered. */
  private @Nullable Position position;

  /** How often the position has changed. */
  private long moves;

  /** The number of the latest query whose answer was used. */
  private long lastQuery;

  /** Whether the execution was deleted. */
  private boolean gone;

  /** How many deliveries in a row have failed. */
  private int failures;

  private boolean delivering;
  private boolean scheduled;
  private boolean ended;
  private long deliveredAtNanos = System.nanoTime() - BETWEEN_DELIVERIES.toNanos();
  private volatile Optional<Watch> watching = Optional.empty();

  /**
   * @param plan the plan of the execution itself, not of a dynamic node
   */
  ExecutionFeed(ExecutionFeeds feeds, AcceptedExecution execution, Plan plan) {
    this.feeds = feeds;
    this.execution = execution;
    this.plan = plan;
  }

  AcceptedExecution execution() {
    return execution;
  }

  Plan plan() {
    return plan;
  }

  /** Begins to take what the publisher writes, until the end. */
  void begin(ExecutionWatch watch) {
    watching = Optional.of(watch.watch(execution.id(), this::accept));
  }

  /** Ends the feed. A delivery under way still reaches its followers; no other follows. */
  void end() {
    lock.lock();
    try {
      ended = true;
      groups.clear();
    } finally {
      lock.unlock();
    }
    watching.ifPresent(Watch::close);
  }

  /** How many followers the feed has. */
  int size() {
    return followers().size();
  }

  /** Adds a follower to the group that is least behind the step that it knows. */
  void join(Following following) {
    lock.lock();
    try {
      groups.stream()
          .filter(group -> group.fits(following.known()))
          .max(Comparator.comparingLong(FollowerGroup::known))
          .orElseGet(() -> added(following.known()))
          .followers()
          .add(following);
      schedule();
    } finally {
      lock.unlock();
    }
  }

  private FollowerGroup added(long known) {
    var group = new FollowerGroup(known);
    groups.add(group);
    return group;
  }

  /**
   * Removes a follower. A delivery under way still reaches it; no other follows.
   *
   * @return whether no follower is left
   */
  boolean leave(Following following) {
    lock.lock();
    try {
      groups.forEach(group -> group.followers().remove(following));
      groups.removeIf(group -> group.followers().isEmpty());
      return groups.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds what the publisher has just written. Called by the publisher after each write: takes a
   * short lock and does no I/O.
   */
  private void accept(List<RowChange> changes) {
    lock.lock();
    try {
      for (var change : changes) {
        if (change instanceof ExecutionChange step) {
          for (var group : groups) {
            if (step.after() == group.reached() && step.through() > group.reached()) {
              group.add(changes, step.through());
            }
          }
          published = Math.max(published, step.through());
        }
      }
      bound();
      schedule();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops the changes of the groups that are farthest behind until the rest is within {@link
   * #ROWS_MAX}. The caller holds the lock.
   */
  private void bound() {
    while (groups.stream().mapToInt(FollowerGroup::size).sum() > ROWS_MAX) {
      groups.stream()
          .filter(group -> group.size() > 0)
          .min(Comparator.comparingLong(FollowerGroup::known))
          .ifPresent(FollowerGroup::overflow);
    }
  }

  /** Uses the answer of a query, unless the answer of a later query was used before. */
  void onPositions(long number, Map<Long, Position> positions) {
    lock.lock();
    try {
      if (number < lastQuery) {
        return;
      }
      lastQuery = number;
      var now = positions.get(execution.number());
      if (now == null) {
        gone = true;
      } else {
        published = Math.max(published, now.publishedThrough());
        if (position == null || isChange(position, now)) {
          moves++;
        }
        position = now;
      }
      schedule();
    } finally {
      lock.unlock();
    }
  }

  private static boolean isChange(Position before, Position now) {
    return before.phase() != now.phase()
        || before.ended() != now.ended()
        || before.archived() != now.archived()
        || !Objects.equals(before.parked(), now.parked());
  }

  /**
   * Schedules a delivery if there is something to deliver: when the pause since the last delivery
   * is over, which may be now. The caller holds the lock.
   */
  private void schedule() {
    if (ended || delivering || scheduled || !(gone || groups.stream().anyMatch(this::hasNews))) {
      return;
    }
    scheduled = true;
    var pause = failures == 0 ? BETWEEN_DELIVERIES : FEED_FAILURES.jitteredAfter(failures);
    var since = Duration.ofNanos(System.nanoTime() - deliveredAtNanos);
    var left = pause.minus(since);
    feeds.after(left.isNegative() ? Duration.ZERO : left, this::deliver);
  }

  private boolean hasNews(FollowerGroup group) {
    var isNew = group.size() > 0 || published > group.reached();
    return group.hasOverflowed()
        || group.followers().stream()
            .anyMatch(each -> each.isReady() && (isNew || each.lacksPosition(moves, lastQuery)));
  }

  private void deliver() {
    var served = begun();
    if (isGone()) {
      endGone();
      delivered(false);
      return;
    }
    var failed = served.stream().filter(group -> !hasCaughtUp(group)).count();
    var turn = take();
    turn.deliveries().forEach(this::send);
    turn.overflowed().forEach(this::restart);
    delivered(failed > 0);
  }

  private List<FollowerGroup> begun() {
    lock.lock();
    try {
      scheduled = false;
      delivering = true;
      return groups.stream().filter(this::hasNews).toList();
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

  /** Reads the steps that a group lacks; false if they can't be read now. */
  private boolean hasCaughtUp(FollowerGroup group) {
    try {
      catchUp(group);
      return true;
    } catch (IOException | DatabaseOutageException e) {
      logFailure(e);
    } catch (RuntimeException e) {
      logFailure(e);
      overflowAfterFailures(group);
    }
    return false;
  }

  private void logFailure(Exception cause) {
    if (failuresBefore() == 0) {
      LOG.warn("the changes of {} can't be read now: {}", execution.id(), cause.toString());
    }
  }

  private int failuresBefore() {
    lock.lock();
    try {
      return failures;
    } finally {
      lock.unlock();
    }
  }

  private void overflowAfterFailures(FollowerGroup group) {
    lock.lock();
    try {
      if (failures + 1 >= FAILURES_MAX) {
        group.overflow();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads the steps that the publisher of this JVM has not passed to {@link #accept}. Blocks this
   * thread, but never the publisher.
   */
  private void catchUp(FollowerGroup group) throws IOException {
    while (true) {
      long from;
      long steps;
      lock.lock();
      try {
        from = group.reached();
        steps = published - from;
        if (steps > STEPS_BEHIND_MAX) {
          group.overflow();
        }
        if (group.hasOverflowed() || steps <= 0) {
          return;
        }
      } finally {
        lock.unlock();
      }
      add(group, from, feeds.rows(this, from, (int) Math.min(steps, STEPS_PER_QUERY)));
    }
  }

  /** Adds the rows of the steps after {@code from}, unless the publisher has added them. */
  private void add(FollowerGroup group, long from, ExecutionFeeds.RowsOfSteps rows) {
    lock.lock();
    try {
      if (rows.through() == from) {
        // The rows show a step that the journal does not have any more: the execution is being
        // deleted, and the next query does not find it.
        published = from;
      } else if (group.reached() == from) {
        group.add(rows.changes(), rows.through());
        bound();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A frame that is encoded when it is sent to the first follower. */
  private static final class Frame {
    private final Supplier<byte[]> encoding;
    private byte @Nullable [] bytes;

    Frame(Supplier<byte[]> encoding) {
      this.encoding = encoding;
    }

    byte[] bytes() {
      var present = bytes;
      if (present == null) {
        present = encoding.get();
        bytes = present;
      }
      return present;
    }
  }

  private record Delivery(Following to, List<Frame> frames) {}

  /**
   * The deliveries of one turn.
   *
   * @param overflowed the followers that have to read all rows again
   */
  private record Turn(List<Delivery> deliveries, List<Following> overflowed) {}

  /** Takes the changes to deliver out of the groups, and regroups the followers. */
  private Turn take() {
    lock.lock();
    try {
      var turn = new Turn(new ArrayList<>(), new ArrayList<>());
      var now = position;
      var moved =
          now == null
              ? Optional.<Frame>empty()
              : Optional.of(new Frame(() -> feeds.encoder().moved(now)));
      for (var group : List.copyOf(groups)) {
        if (group.hasOverflowed()) {
          turn.overflowed().addAll(group.followers());
        } else {
          take(group, moved, turn.deliveries());
        }
      }
      groups.removeIf(group -> group.followers().isEmpty());
      return turn;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a group's changes for its ready followers, and moves these followers to the group of the
   * step that the changes lead to.
   */
  private void take(FollowerGroup group, Optional<Frame> moved, List<Delivery> deliveries) {
    var through = group.reached();
    var changes = group.changes(execution.number());
    var changed = new Frame(() -> feeds.encoder().changes(execution, through, changes));
    var ready = group.followers().stream().filter(Following::isReady).toList();
    for (var following : ready) {
      var frames = new ArrayList<Frame>();
      if (!changes.isEmpty() && following.known() < through) {
        frames.add(changed);
      }
      if (following.lacksPosition(moves, lastQuery)) {
        moved.ifPresent(frames::add);
      }
      following.knows(through, moves, lastQuery);
      if (!frames.isEmpty()) {
        following.beginDelivery();
        deliveries.add(new Delivery(following, frames));
      }
    }
    group.followers().removeAll(ready);
    upToDate(through).followers().addAll(ready);
  }

  private FollowerGroup upToDate(long step) {
    return groups.stream()
        .filter(group -> group.isUpToDate(step))
        .findFirst()
        .orElseGet(() -> added(step));
  }

  /**
   * Sends the frames of a delivery; the next delivery waits until the follower has consumed all of
   * them. A follower that fails may have missed changes, so it has to read all rows again.
   */
  private void send(Delivery delivery) {
    var to = delivery.to();
    try {
      CompletionStage<?> consumed = CompletableFuture.completedStage(null);
      for (var frame : delivery.frames()) {
        consumed = consumed.thenCombine(to.follower().take(frame.bytes()), (_, taken) -> taken);
      }
      consumed.whenComplete((_, failure) -> {
        if (failure == null) {
          consumed(to);
        } else {
          LOG.debug("a follower of {} took no frame: {}", execution.id(), failure.toString());
          restart(to);
        }
      });
    } catch (RuntimeException e) {
      LOG.error("a follower of {} failed; it reads all rows again", execution.id(), e);
      restart(to);
    }
  }

  private void consumed(Following following) {
    lock.lock();
    try {
      following.endDelivery();
      schedule();
    } finally {
      lock.unlock();
    }
  }

  private void restart(Following following) {
    feeds.leave(this, following);
    following.follower().restart();
  }

  private void endGone() {
    for (var following : followers()) {
      feeds.leave(this, following);
      following.follower().gone();
    }
  }

  private List<Following> followers() {
    lock.lock();
    try {
      return groups.stream().flatMap(group -> group.followers().stream()).toList();
    } finally {
      lock.unlock();
    }
  }

  private void delivered(boolean hasFailed) {
    lock.lock();
    try {
      failures = hasFailed ? failures + 1 : 0;
      deliveredAtNanos = System.nanoTime();
      delivering = false;
      schedule();
    } finally {
      lock.unlock();
    }
  }
}
