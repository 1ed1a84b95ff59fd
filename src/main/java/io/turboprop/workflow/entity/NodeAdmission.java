package io.turboprop.workflow.entity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Bounds how many nodes the executions in the memory of this process have together, and so the heap
 * that they take. An execution asks for room before it is loaded, and before it opens a graph that
 * was made at run time. If there is no room, it waits until others end or are passivated.
 *
 * <p>Small executions never wait; they only count. Of the large executions, the one that was
 * accepted first never waits either. So executions that hold room while they wait for more can't
 * block each other, and an execution that is alone always goes on. For that reason the process may
 * hold more than the bound, by the nodes of one execution ({@code turboprop.workflow.nodes-max}).
 *
 * <p>Thread-safe.
 */
public final class NodeAdmission {
  /** An execution with at most this part of all nodes is small. */
  private static final int SMALL_PART = 256;

  private final long nodesMax;
  private final long smallMax;

  /** The rooms of large executions, and of those that wait, by the number of the execution. */
  private final NavigableMap<Long, Room> large = new TreeMap<>();

  private long nodes;

  /**
   * @param nodesMax the most nodes of all executions together
   */
  public NodeAdmission(long nodesMax) {
    this.nodesMax = nodesMax;
    this.smallMax = nodesMax / SMALL_PART;
  }

  /** How many nodes the executions in memory have room for. */
  public synchronized long nodes() {
    return nodes;
  }

  /** How many executions wait for room. */
  public synchronized long waiting() {
    return large.values().stream().filter(room -> !room.requests.isEmpty()).count();
  }

  /** The room of one execution, empty at first; to be released when the execution leaves memory. */
  Room room() {
    return new Room();
  }

  private record Request(long more, CompletableFuture<Void> admitted) {}

  /** The room of one execution in memory. */
  final class Room {
    private final Queue<Request> requests = new ArrayDeque<>();
    private long execution;
    private long held;
    private boolean released;

    /**
     * Asks for room for this many nodes in all, for an execution that is about to be loaded. What
     * it asked for before, and still waits for, no longer counts.
     *
     * @param number the number of the execution; numbers are in the order of acceptance
     * @return completes when there is room
     */
    CompletionStage<Void> reach(long number, long all) {
      var completed = new ArrayList<CompletableFuture<Void>>();
      CompletionStage<Void> asked;
      synchronized (NodeAdmission.this) {
        execution = number;
        requests.forEach(request -> completed.add(request.admitted()));
        requests.clear();
        var spare = Math.max(0, held - all);
        held -= spare;
        nodes -= spare;
        completed.addAll(admitWaiting());
        asked = more(all - held);
      }
      completed.forEach(each -> each.complete(null));
      return asked;
    }

    /**
     * Asks for room for further nodes, for a graph that is about to be opened.
     *
     * @return completes when there is room
     */
    CompletionStage<Void> more(long further) {
      synchronized (NodeAdmission.this) {
        var request = new Request(Math.max(0, further), new CompletableFuture<>());
        if (released || requests.isEmpty() && isAdmitted(request)) {
          take(request).complete(null);
        } else {
          requests.add(request);
          large.put(execution, this);
        }
        return request.admitted();
      }
    }

    /** Gives the room back. */
    void release() {
      List<CompletableFuture<Void>> admitted;
      synchronized (NodeAdmission.this) {
        released = true;
        requests.clear();
        nodes -= held;
        held = 0;
        large.remove(execution, this);
        admitted = admitWaiting();
      }
      admitted.forEach(each -> each.complete(null));
    }

    private boolean isAdmitted(Request request) {
      return held + request.more() <= smallMax
          || nodes + request.more() <= nodesMax
          || large.headMap(execution).isEmpty();
    }

    /** Takes the room; an execution that has left memory takes none. */
    private CompletableFuture<Void> take(Request request) {
      if (!released) {
        held += request.more();
        nodes += request.more();
        if (held > smallMax) {
          large.put(execution, this);
        }
      }
      return request.admitted();
    }
  }

  /**
   * Takes room for all requests that can be admitted now, the oldest executions first.
   *
   * @return what to complete, without the lock, since other code follows on it
   */
  private List<CompletableFuture<Void>> admitWaiting() {
    var admitted = new ArrayList<CompletableFuture<Void>>();
    for (var room : List.copyOf(large.values())) {
      while (!room.requests.isEmpty() && room.isAdmitted(room.requests.element())) {
        admitted.add(room.take(room.requests.remove()));
      }
      if (room.requests.isEmpty() && room.held <= smallMax) {
        large.remove(room.execution, room);
      }
    }
    return admitted;
  }
}
