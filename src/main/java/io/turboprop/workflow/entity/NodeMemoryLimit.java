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
 * Bounds the number of nodes of all large executions in this process, and with it the heap. An
 * execution reserves its nodes before it is loaded, and before it opens a graph that was made at
 * run time. If the total would exceed the bound, the execution waits until others end or are
 * passivated.
 *
 * <p>Small executions (at most 1/256 of the bound) do not wait for large ones: they may exceed the
 * bound by half of it, all together. One execution at a time may exceed its bound: of those that
 * are large or wait, the one that was accepted first. So executions that wait for more nodes while
 * they hold some can't block each other, and a single execution always goes on. The process may
 * therefore hold one and a half times the bound and the nodes of one execution ({@code
 * turboprop.workflow.nodes-max}).
 *
 * <p>An execution that is being aborted never waits, since no further graph of it opens.
 *
 * <p>Thread-safe.
 */
public final class NodeMemoryLimit {
  /** An execution with at most this part of all nodes is small. */
  private static final int SMALL_PART = 256;

  private final long nodesMax;
  private final long smallMax;

  /** The bound for small executions. */
  private final long nodesMaxOfSmall;

  /**
   * The reservations of large executions and of executions that wait, by the execution's number.
   */
  private final NavigableMap<Long, Reservation> large = new TreeMap<>();

  private long nodes;

  /**
   * The reservation that may exceed the bound, until it is released, or the total is within the
   * bound again.
   */
  private Optional<Reservation> beyondBound = Optional.empty();

  /**
   * @param nodesMax the most nodes of all executions together
   */
  public NodeMemoryLimit(long nodesMax) {
    this.nodesMax = nodesMax;
    this.smallMax = nodesMax / SMALL_PART;
    this.nodesMaxOfSmall = nodesMax + nodesMax / 2;
  }

  /** How many nodes are reserved. */
  public synchronized long nodes() {
    return nodes;
  }

  /** How many executions wait for a reservation. */
  public synchronized long waiting() {
    return large.values().stream().filter(reservation -> !reservation.requests.isEmpty()).count();
  }

  /**
   * The reservation of one execution, empty at first. The caller releases it when the execution
   * leaves memory.
   */
  Reservation reservation() {
    return new Reservation();
  }

  private record Request(long more, CompletableFuture<Void> admitted) {}

  /** The nodes that one execution in memory has reserved, and its requests that wait. */
  final class Reservation {
    private final Queue<Request> requests = new ArrayDeque<>();
    private long execution;
    private long held;
    private boolean aborting;
    private boolean released;

    /**
     * Reserves this many nodes in all, for an execution that is about to be loaded. Replaces all
     * earlier requests of this execution that are still waiting, and completes them.
     *
     * @param number the number of the execution; numbers are in the order of acceptance
     * @return completes when the nodes are reserved
     */
    CompletionStage<Void> reserveTotal(long number, long all) {
      var admitted = new ArrayList<Request>();
      Request request;
      synchronized (NodeMemoryLimit.this) {
        execution = number;
        admitted.addAll(requests);
        requests.clear();
        var spare = Math.max(0, held - all);
        held -= spare;
        nodes -= spare;
        admitWaiting(admitted);
        request = request(all - held, admitted);
      }
      complete(admitted);
      return request.admitted();
    }

    /**
     * Reserves further nodes, for a graph that is about to be opened.
     *
     * @return completes when the nodes are reserved
     */
    CompletionStage<Void> reserveMore(long further) {
      var admitted = new ArrayList<Request>();
      Request request;
      synchronized (NodeMemoryLimit.this) {
        request = request(further, admitted);
      }
      complete(admitted);
      return request.admitted();
    }

    /** Whether a request of the execution waits. */
    boolean isWaiting() {
      synchronized (NodeMemoryLimit.this) {
        return !requests.isEmpty();
      }
    }

    /** Admits all requests of the execution from now on, because the execution is to be aborted. */
    void admitForAbort() {
      var admitted = new ArrayList<Request>();
      synchronized (NodeMemoryLimit.this) {
        aborting = true;
        admitWaiting(admitted);
      }
      complete(admitted);
    }

    /** Releases all nodes. Later requests are admitted at once, without a count. */
    void release() {
      var admitted = new ArrayList<Request>();
      synchronized (NodeMemoryLimit.this) {
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

    private Request request(long further, List<Request> admitted) {
      var request = new Request(Math.max(0, further), new CompletableFuture<>());
      if (released) {
        admitted.add(request);
      } else if (requests.isEmpty() && isAdmitted(request)) {
        hold(request);
        admitted.add(request);
      } else {
        requests.add(request);
        large.put(execution, this);
      }
      return request;
    }

    /**
     * Whether the request may be admitted now: the execution is being aborted, or the total stays
     * within the bound, or this is the one reservation that may exceed the bound.
     */
    private boolean isAdmitted(Request request) {
      return aborting
          || nodes + request.more() <= boundOf(held + request.more())
          || beyondBound.map(this::equals).orElseGet(() -> large.headMap(execution).isEmpty());
    }

    private void hold(Request request) {
      held += request.more();
      nodes += request.more();
      if (held > smallMax) {
        large.put(execution, this);
      }
      if (nodes > boundOf(held) && beyondBound.isEmpty() && !aborting) {
        beyondBound = Optional.of(this);
      }
    }

    /** The bound of the total for an execution with so many nodes. */
    private long boundOf(long own) {
      return own <= smallMax ? nodesMaxOfSmall : nodesMax;
    }
  }

  /**
   * Admits all waiting requests that can be admitted now, the oldest executions first, and adds
   * them to {@code admitted}.
   */
  private void admitWaiting(List<Request> admitted) {
    if (nodes <= nodesMax) {
      beyondBound = Optional.empty();
    }
    for (var reservation : List.copyOf(large.values())) {
      while (!reservation.requests.isEmpty()
          && reservation.isAdmitted(reservation.requests.element())) {
        var request = reservation.requests.remove();
        reservation.hold(request);
        admitted.add(request);
      }
      if (reservation.requests.isEmpty() && reservation.held <= smallMax) {
        large.remove(reservation.execution, reservation);
      }
    }
  }

  /** Called without the lock, because code that waits for a request may take long. */
  private static void complete(List<Request> admitted) {
    admitted.forEach(request -> request.admitted().complete(null));
  }
}
