package io.turboprop.plugin.local;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How many tasks run at once. Who finds no slot waits in a queue and is told when it has one: who
 * is due first is served first, and of these who came first. Safe for any thread.
 */
final class Slots {
  private final int slotsMax;
  private final Set<String> holders = new HashSet<>();
  private final Map<String, Waiting> waiting = new HashMap<>();
  private final TreeSet<Waiting> queue = new TreeSet<>();
  private long arrivals;

  private record Waiting(Instant dueBy, long arrival, String attempt, Runnable granted)
      implements Comparable<Waiting> {
    private static final Comparator<Waiting> ORDER =
        Comparator.comparing(Waiting::dueBy).thenComparing(Waiting::arrival);

    @Override
    public int compareTo(Waiting other) {
      return ORDER.compare(this, other);
    }
  }

  Slots(int slotsMax) {
    this.slotsMax = slotsMax;
  }

  /**
   * Takes a slot, or a place in the queue; asking again keeps both.
   *
   * @param dueBy when it should have one; the earliest is served first
   * @param granted run once when a place in the queue has become a slot
   * @return whether the attempt has a slot now
   */
  synchronized boolean take(String attempt, Instant dueBy, Runnable granted) {
    if (holders.contains(attempt)) {
      return true;
    }
    if (holders.size() < slotsMax && queue.isEmpty()) {
      return holders.add(attempt);
    }
    var known = waiting.get(attempt);
    var arrival = known == null ? arrivals++ : known.arrival();
    leaveQueue(attempt);
    var place = new Waiting(dueBy, arrival, attempt, granted);
    waiting.put(attempt, place);
    queue.add(place);
    return false;
  }

  /** Counts an attempt that runs already, even if that is one too many. */
  synchronized void adopt(String attempt) {
    leaveQueue(attempt);
    holders.add(attempt);
  }

  private void leaveQueue(String attempt) {
    var place = waiting.remove(attempt);
    if (place != null) {
      queue.remove(place);
    }
  }

  /** Gives up the slot or the place in the queue, if there is one. */
  void release(String attempt) {
    Optional<Runnable> next;
    synchronized (this) {
      leaveQueue(attempt);
      holders.remove(attempt);
      next = promote();
    }
    next.ifPresent(Runnable::run);
  }

  /** How many hold a slot. */
  synchronized int taken() {
    return holders.size();
  }

  /** How many wait for one. */
  synchronized int waiting() {
    return queue.size();
  }

  /** One that leaves frees one slot at most, so one is promoted at most. */
  private Optional<Runnable> promote() {
    if (holders.size() >= slotsMax || queue.isEmpty()) {
      return Optional.empty();
    }
    var next = queue.removeFirst();
    waiting.remove(next.attempt());
    holders.add(next.attempt());
    return Optional.of(next.granted());
  }
}
