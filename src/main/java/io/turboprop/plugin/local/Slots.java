package io.turboprop.plugin.local;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many tasks run at once. Who finds no slot waits in a queue and is told when it has one: first
 * come, first served. Safe for any thread.
 */
final class Slots {
  private final int slotsMax;
  private final Set<String> holders = new HashSet<>();
  private final Map<String, Runnable> queue = new LinkedHashMap<>();

  Slots(int slotsMax) {
    this.slotsMax = slotsMax;
  }

  /**
   * Takes a slot, or a place in the queue; asking again keeps both.
   *
   * @param granted run once when a place in the queue has become a slot
   * @return whether the attempt has a slot now
   */
  synchronized boolean take(String attempt, Runnable granted) {
    if (holders.contains(attempt)) {
      return true;
    }
    if (holders.size() < slotsMax && queue.isEmpty()) {
      return holders.add(attempt);
    }
    queue.put(attempt, granted);
    return false;
  }

  /** Counts an attempt that runs already, even if that is one too many. */
  synchronized void adopt(String attempt) {
    queue.remove(attempt);
    holders.add(attempt);
  }

  /** Gives up the slot or the place in the queue, if there is one. */
  void release(String attempt) {
    Optional<Runnable> next;
    synchronized (this) {
      queue.remove(attempt);
      holders.remove(attempt);
      next = promote();
    }
    next.ifPresent(Runnable::run);
  }

  /** One that leaves frees one slot at most, so one is promoted at most. */
  private Optional<Runnable> promote() {
    var first = queue.entrySet().iterator();
    if (holders.size() >= slotsMax || !first.hasNext()) {
      return Optional.empty();
    }
    var next = first.next();
    first.remove();
    holders.add(next.getKey());
    return Optional.of(next.getValue());
  }
}
