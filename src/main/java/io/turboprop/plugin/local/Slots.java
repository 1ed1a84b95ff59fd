package io.turboprop.plugin.local;

import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.QueuePlace.Holder;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The slots, which limit how many tasks run at the same time. An attempt that finds no free slot
 * waits in a queue and is notified when it has a slot. The queue is ordered by due time, then by
 * position in the graph, then by arrival. Thread-safe.
 */
final class Slots {
  private final int slotsMax;
  private final Map<String, Holder> holders = new LinkedHashMap<>();
  private final Map<String, Waiting> waiting = new HashMap<>();
  private final TreeSet<Waiting> queue = new TreeSet<>();
  private long arrivals;

  /** The order of attempts in the queue: by the due time, then by the position in the graph. */
  record Turn(Instant dueBy, int position) {}

  private record Waiting(Turn turn, long arrival, String attempt, Holder holder, Runnable granted)
      implements Comparable<Waiting> {
    private static final Comparator<Waiting> ORDER =
        Comparator.comparing((Waiting waiting) -> waiting.turn().dueBy())
            .thenComparing(waiting -> waiting.turn().position())
            .thenComparing(Waiting::arrival);

    @Override
    public int compareTo(Waiting other) {
      return ORDER.compare(this, other);
    }
  }

  Slots(int slotsMax) {
    this.slotsMax = slotsMax;
  }

  /**
   * Takes a slot or joins the queue; a repeated call changes nothing.
   *
   * @param holder the attempt, for people who ask who holds the slots
   * @param turn the order of the attempt in the queue
   * @param granted run once when a waiting attempt gets a slot
   * @return whether the attempt has a slot now
   */
  synchronized boolean take(String attempt, Holder holder, Turn turn, Runnable granted) {
    if (holders.containsKey(attempt)) {
      return true;
    }
    if (holders.size() < slotsMax && queue.isEmpty()) {
      holders.put(attempt, holder);
      return true;
    }
    var known = waiting.get(attempt);
    var arrival = known == null ? arrivals++ : known.arrival();
    leaveQueue(attempt);
    var entry = new Waiting(turn, arrival, attempt, holder, granted);
    waiting.put(attempt, entry);
    queue.add(entry);
    return false;
  }

  /** Counts an attempt that already runs, even beyond the number of slots. */
  synchronized void adopt(String attempt, Holder holder) {
    leaveQueue(attempt);
    holders.put(attempt, holder);
  }

  private void leaveQueue(String attempt) {
    var entry = waiting.remove(attempt);
    if (entry != null) {
      queue.remove(entry);
    }
  }

  /** Gives up the slot, or leaves the queue. */
  void release(String attempt) {
    Optional<Runnable> next;
    synchronized (this) {
      leaveQueue(attempt);
      holders.remove(attempt);
      next = promote();
    }
    next.ifPresent(Runnable::run);
  }

  /** How many attempts may hold a slot. */
  int capacity() {
    return slotsMax;
  }

  /** How many attempts hold a slot. */
  synchronized int taken() {
    return holders.size();
  }

  /** How many attempts wait for a slot. */
  synchronized int waiting() {
    return queue.size();
  }

  /** Where an attempt waits; empty if it does not wait. Takes time in proportion to the queue. */
  synchronized Optional<QueuePlace> place(String attempt) {
    return Optional.ofNullable(waiting.get(attempt))
        .map(entry ->
            new QueuePlace(
                queue.headSet(entry).size(),
                queue.size(),
                holders.size(),
                holders.values().stream().limit(QueuePlace.HOLDERS_MAX).toList()));
  }

  /** An attempt that leaves frees at most one slot, so at most one other attempt gets a slot. */
  private Optional<Runnable> promote() {
    if (holders.size() >= slotsMax || queue.isEmpty()) {
      return Optional.empty();
    }
    var next = queue.removeFirst();
    waiting.remove(next.attempt());
    holders.put(next.attempt(), next.holder());
    return Optional.of(next.granted());
  }
}
