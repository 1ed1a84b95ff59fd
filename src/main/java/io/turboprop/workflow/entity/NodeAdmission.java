package io.turboprop.workflow.entity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Bounds how many nodes the executions in the memory of this process have together, and so the heap
 * that they take. An execution asks for room before it is loaded, and before it opens a graph that
 * was made at run time. If there is no room, it waits until others end or are passivated.
 *
 * <p>Small executions never wait; they only count. One large execution at a time may go beyond the
 * bound: the one that was accepted first of all that are there. So executions that hold room while
 * they wait for more can't block each other, and an execution that is alone always goes on. For
 * that reason the process may hold more than the bound, by the nodes of one execution ({@code
 * turboprop.workflow.nodes-max}) and of the small ones.
 *
 * <p>An execution that is to be aborted does not wait either: it only gets smaller.
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

  /** The room that may go beyond the bound, until it is released or the bound is kept again. */
  private Optional<Room> beyondBound = Optional.empty();

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
    private boolean aborting;
    private boolean released;

    /**
     * Asks for room for this many nodes in all, for an execution that is about to be loaded. What
     * it asked for before, and still waits for, no longer counts.
     *
     * @param number the number of the execution; numbers are in the order of acceptance
     * @return completes when there is room
     */
    CompletionStage<Void> reserveTotal(long number, long all) {
      var admitted = new ArrayList<Request>();
      Request request;
      synchronized (NodeAdmission.this) {
        execution = number;
        admitted.addAll(requests);
        requests.clear();
        var spare = Math.max(0, held - all);
        held -= spare;
        nodes -= spare;
        admitWaiting(admitted);
        request = ask(all - held, admitted);
      }
      complete(admitted);
      return request.admitted();
    }

    /**
     * Asks for room for further nodes, for a graph that is about to be opened.
     *
     * @return completes when there is room
     */
    CompletionStage<Void> reserveMore(long further) {
      var admitted = new ArrayList<Request>();
      Request request;
      synchronized (NodeAdmission.this) {
        request = ask(further, admitted);
      }
      complete(admitted);
      return request.admitted();
    }

    /** Whether the execution waits for room. */
    boolean isWaiting() {
      synchronized (NodeAdmission.this) {
        return !requests.isEmpty();
      }
    }

    /** Admits whatever the execution asks for from now on, since it is to be aborted. */
    void admitForAbort() {
      var admitted = new ArrayList<Request>();
      synchronized (NodeAdmission.this) {
        aborting = true;
        admitWaiting(admitted);
      }
      complete(admitted);
    }

    /** Gives the room back. */
    void release() {
      var admitted = new ArrayList<Request>();
      synchronized (NodeAdmission.this) {
        released = true;
        requests.clear();
        nodes -= held;
        held = 0;
        large.remove(execution, this);
        if (beyondBound.filter(this::equals).isPresent()) {
          beyondBound = Optional.empty();
        }
        admitWaiting(admitted);
      }
      complete(admitted);
    }

    private Request ask(long further, List<Request> admitted) {
      var request = new Request(Math.max(0, further), new CompletableFuture<>());
      if (released) {
        admitted.add(request);
      } else if (requests.isEmpty() && isAdmitted(request)) {
        take(request);
        admitted.add(request);
      } else {
        requests.add(request);
        large.put(execution, this);
      }
      return request;
    }

    private boolean isAdmitted(Request request) {
      return aborting
          || held + request.more() <= smallMax
          || nodes + request.more() <= nodesMax
          || beyondBound.map(this::equals).orElseGet(() -> large.headMap(execution).isEmpty());
    }

    private void take(Request request) {
      held += request.more();
      nodes += request.more();
      if (held > smallMax) {
        large.put(execution, this);
        if (nodes > nodesMax && beyondBound.isEmpty() && !aborting) {
          beyondBound = Optional.of(this);
        }
      }
    }
  }

  /**
   * Takes room for all requests that can be admitted now, the oldest executions first, and adds
   * them to those to be completed.
   */
  private void admitWaiting(List<Request> admitted) {
    if (nodes <= nodesMax) {
      beyondBound = Optional.empty();
    }
    for (var room : List.copyOf(large.values())) {
      while (!room.requests.isEmpty() && room.isAdmitted(room.requests.element())) {
        var request = room.requests.remove();
        room.take(request);
        admitted.add(request);
      }
      if (room.requests.isEmpty() && room.held <= smallMax) {
        large.remove(room.execution, room);
      }
    }
  }

  /** Without the lock: what depends on a request may take long. */
  private static void complete(List<Request> admitted) {
    admitted.forEach(request -> request.admitted().complete(null));
  }
}
