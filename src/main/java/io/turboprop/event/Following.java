package io.turboprop.event;

import io.turboprop.event.ExecutionFeeds.Follower;

/**
 * One follower of a feed, and the step and position that it knows. Not thread-safe: its feed guards
 * it.
 */
final class Following {
  private final Follower follower;

  /** The number of the last query for positions that had begun when the follower came. */
  private final long queriesBefore;

  private long known;

  /** How many changes of the execution's position the follower knows. */
  private long moves;

  /** Whether the follower has not consumed the last delivery yet. */
  private boolean consuming;

  /**
   * @param known the step that the follower knows
   */
  Following(Follower follower, long known, long queriesBefore) {
    this.follower = follower;
    this.known = known;
    this.queriesBefore = queriesBefore;
  }

  Follower follower() {
    return follower;
  }

  long known() {
    return known;
  }

  boolean isReady() {
    return !consuming;
  }

  /**
   * Whether the follower does not know the position. The answer of a query that began before the
   * follower came may be older than what the follower has read.
   */
  boolean lacksPosition(long movesNow, long lastQuery) {
    return lastQuery > queriesBefore && moves < movesNow;
  }

  /** Records what the follower knows after the deliveries of a turn. */
  void knows(long through, long movesNow, long lastQuery) {
    known = Math.max(known, through);
    moves = lastQuery > queriesBefore ? movesNow : moves;
  }

  void beginDelivery() {
    consuming = true;
  }

  void endDelivery() {
    consuming = false;
  }
}
