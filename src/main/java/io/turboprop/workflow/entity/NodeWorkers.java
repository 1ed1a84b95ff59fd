package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Work;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The workers of an entity. It makes them equal to what should be under way: starts what is
 * missing, turns a running attempt into one that is being stopped, releases what is over, and lets
 * go of what goes on by itself. No two work for the same attempt at once.
 */
final class NodeWorkers<R> {

  /**
   * How workers are started and spoken to.
   *
   * @param <R> what a worker is known by
   */
  interface Crew<R> {
    R start(Assignment assignment);

    void tell(R worker, Worker.Message message);
  }

  private final Crew<R> crew;
  private final Predicate<Work.NodeWork> attemptContinues;

  /** Those at work. */
  private final Map<NodePath, Child<R>> current = new HashMap<>();

  /** For each node the last one that was told to go and is still there. */
  private final Map<NodePath, Child<R>> departing = new HashMap<>();

  /** All that were told to go and are still there. */
  private final Map<R, NodePath> departures = new HashMap<>();

  /** What begins when the worker before it, of the same attempt, is gone. */
  private final Map<NodePath, Assignment> held = new HashMap<>();

  private record Child<R>(R ref, Assignment assignment) {
    Work.NodeWork work() {
      return assignment.work();
    }

    boolean isFor(Assignment other) {
      return work().equals(other.work())
          && assignment.finished().isPresent() == other.finished().isPresent();
    }
  }

  /**
   * @param attemptContinues whether the attempt that a worker is at is not over, so that it must
   *     not be cleaned up when nothing is to be done for it any more
   */
  NodeWorkers(Crew<R> crew, Predicate<Work.NodeWork> attemptContinues) {
    this.crew = crew;
    this.attemptContinues = attemptContinues;
  }

  /** Whether no worker is there, not even one that is cleaning up. */
  boolean isEmpty() {
    return current.isEmpty() && departures.isEmpty();
  }

  /** Makes all workers equal to these assignments. */
  void become(List<Assignment> wanted) {
    var paths = new HashSet<NodePath>();
    for (var assignment : wanted) {
      paths.add(assignment.path());
      become(assignment.path(), Optional.of(assignment));
    }
    for (var path : known()) {
      if (!paths.contains(path)) {
        become(path, Optional.empty());
      }
    }
  }

  private Set<NodePath> known() {
    var known = new HashSet<>(current.keySet());
    known.addAll(held.keySet());
    return known;
  }

  /** Makes the worker of one node equal to its assignment. */
  void become(NodePath path, Optional<Assignment> wanted) {
    held.remove(path);
    var child = current.get(path);
    if (child != null && wanted.isPresent()) {
      change(path, child, wanted.orElseThrow());
    } else if (child != null) {
      depart(path, child);
    } else {
      wanted.ifPresentOrElse(assignment -> start(path, assignment), () -> releaseLeaving(path));
    }
  }

  private void change(NodePath path, Child<R> child, Assignment wanted) {
    if (child.isFor(wanted)) {
      return;
    }
    if (child.work().attempt() == wanted.work().attempt()
        && wanted.work() instanceof Work.AbortNode abort) {
      crew.tell(child.ref(), new Worker.Abort(abort));
      current.put(path, new Child<>(child.ref(), wanted));
    } else {
      depart(path, child);
      start(path, wanted);
    }
  }

  private void start(NodePath path, Assignment assignment) {
    var before = departing.get(path);
    if (before != null && before.work().attempt() == assignment.work().attempt()) {
      startAfter(path, before, assignment);
    } else {
      spawn(path, assignment);
    }
  }

  private void spawn(NodePath path, Assignment assignment) {
    current.put(path, new Child<>(crew.start(assignment), assignment));
  }

  /** One that leaves may have reported the end instead, and stay: then it is the one to stop. */
  private void startAfter(NodePath path, Child<R> before, Assignment assignment) {
    held.put(path, assignment);
    if (assignment.work() instanceof Work.AbortNode abort) {
      crew.tell(before.ref(), new Worker.Abort(abort));
      departing.put(path, new Child<>(before.ref(), assignment));
    }
  }

  private void depart(NodePath path, Child<R> child) {
    current.remove(path);
    departing.put(path, child);
    departures.put(child.ref(), path);
    crew.tell(
        child.ref(),
        attemptContinues.test(child.work()) ? new Worker.Leave() : new Worker.Release());
  }

  private void releaseLeaving(NodePath path) {
    var child = departing.get(path);
    if (child != null && !attemptContinues.test(child.work())) {
      crew.tell(child.ref(), new Worker.Release());
    }
  }

  /** Tells the worker of a node, if there is one, that what it waits for may have happened. */
  void lookAgain(NodePath path) {
    var child = current.get(path);
    if (child != null) {
      crew.tell(child.ref(), new Worker.LookAgain());
    }
  }

  /**
   * A child has stopped.
   *
   * @return its assignment if it was still wanted
   */
  Optional<Assignment> gone(R ref) {
    var departed = departures.remove(ref);
    if (departed != null) {
      startHeld(departed, ref);
      return Optional.empty();
    }
    for (var entry : current.entrySet()) {
      if (entry.getValue().ref().equals(ref)) {
        current.remove(entry.getKey());
        return Optional.of(entry.getValue().assignment());
      }
    }
    return Optional.empty();
  }

  private void startHeld(NodePath path, R gone) {
    var last = departing.get(path);
    if (last != null && last.ref().equals(gone)) {
      departing.remove(path);
      var waiting = held.remove(path);
      if (waiting != null) {
        spawn(path, waiting);
      }
    }
  }
}
