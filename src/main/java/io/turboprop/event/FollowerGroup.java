package io.turboprop.event;

import io.turboprop.store.RowChange;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The followers of an execution that know the same step, and the merged changes since that step.
 * Not thread-safe: its feed guards it.
 */
final class FollowerGroup {
  private final Set<Following> followers = new LinkedHashSet<>();

  /**
   * The step that the followers know. Followers that already know a later step skip the earlier
   * ones.
   */
  private final long known;

  /** The step that the pending changes lead to. */
  private long reached;

  private RowBatch pending = new RowBatch();

  private boolean overflowed;

  FollowerGroup(long known) {
    this.known = known;
    this.reached = known;
  }

  Set<Following> followers() {
    return followers;
  }

  long known() {
    return known;
  }

  long reached() {
    return reached;
  }

  /** How many rows change. */
  int size() {
    return pending.size();
  }

  /** Adds the changes of the next steps. */
  void add(List<RowChange> changes, long through) {
    reached = through;
    if (!overflowed) {
      pending.add(changes);
    }
  }

  List<RowChange> changes(long execution) {
    return pending.of(execution);
  }

  /** Drops the changes; the followers have to read all rows again. */
  void overflow() {
    overflowed = true;
    pending = new RowBatch();
  }

  boolean hasOverflowed() {
    return overflowed;
  }

  /** Whether a follower that knows this step may join. */
  boolean fits(long step) {
    return !overflowed && known <= step;
  }

  /** Whether the group has nothing to deliver and its followers know this step. */
  boolean isUpToDate(long step) {
    return !overflowed && reached == step && pending.size() == 0;
  }
}
