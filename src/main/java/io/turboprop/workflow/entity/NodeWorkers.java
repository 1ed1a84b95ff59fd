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
 * The workers of an entity, reconciled with the outstanding work. It starts missing workers, has
 * attempts aborted, releases workers whose attempt is over, and dismisses workers whose attempt
 * continues without them. An attempt never has two workers at once.
 */
final class NodeWorkers<R> {

  /**
   * Starts workers and sends them messages.
   *
   * @param <R> the reference of a worker
   */
  interface WorkerSpawner<R> {
    R start(Assignment assignment);

    void tell(R worker, Worker.Message message);
  }

  private final WorkerSpawner<R> spawner;
  private final Predicate<Work.NodeWork> attemptContinues;

  /** The workers at work. */
  private final Map<NodePath, Child<R>> current = new HashMap<>();

  /** For each node its last dismissed or released worker that has not stopped yet. */
  private final Map<NodePath, Child<R>> lastStopping = new HashMap<>();

  /** All dismissed or released workers that have not stopped yet. */
  private final Map<R, NodePath> stopping = new HashMap<>();

  /** Assignments that begin when the previous worker of the same attempt has stopped. */
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
   * @param attemptContinues whether the attempt of a worker without work continues, so that the
   *     worker must not clean up
   */
  NodeWorkers(WorkerSpawner<R> spawner, Predicate<Work.NodeWork> attemptContinues) {
    this.spawner = spawner;
    this.attemptContinues = attemptContinues;
  }

  /** Whether no worker is left, not even one that cleans up. */
  boolean isEmpty() {
    return current.isEmpty() && stopping.isEmpty();
  }

  /** Reconciles all workers with these assignments. */
  void reconcile(List<Assignment> wanted) {
    var paths = new HashSet<NodePath>();
    for (var assignment : wanted) {
      paths.add(assignment.path());
      reconcile(assignment.path(), Optional.of(assignment));
    }
    for (var path : known()) {
      if (!paths.contains(path)) {
        reconcile(path, Optional.empty());
      }
    }
  }

  private Set<NodePath> known() {
    var known = new HashSet<>(current.keySet());
    known.addAll(held.keySet());
    return known;
  }

  /** Reconciles the worker of one node with its assignment. */
  void reconcile(NodePath path, Optional<Assignment> wanted) {
    held.remove(path);
    var child = current.get(path);
    if (child != null && wanted.isPresent()) {
      change(path, child, wanted.orElseThrow());
    } else if (child != null) {
      detach(path, child);
    } else {
      wanted.ifPresentOrElse(assignment -> start(path, assignment), () -> releaseDismissed(path));
    }
  }

  private void change(NodePath path, Child<R> child, Assignment wanted) {
    if (child.isFor(wanted)) {
      return;
    }
    if (child.work().attempt() == wanted.work().attempt()
        && wanted.work() instanceof Work.AbortNode abort) {
      spawner.tell(child.ref(), new Worker.Abort(abort));
      current.put(path, new Child<>(child.ref(), wanted));
    } else {
      detach(path, child);
      start(path, wanted);
    }
  }

  private void start(NodePath path, Assignment assignment) {
    var before = lastStopping.get(path);
    if (before != null && before.work().attempt() == assignment.work().attempt()) {
      startAfter(path, before, assignment);
    } else {
      spawn(path, assignment);
    }
  }

  private void spawn(NodePath path, Assignment assignment) {
    current.put(path, new Child<>(spawner.start(assignment), assignment));
  }

  /**
   * Starts a worker after the previous one has stopped. A dismissed worker that has reported the
   * end of its attempt stops only when {@link #releaseDismissed} releases it.
   */
  private void startAfter(NodePath path, Child<R> before, Assignment assignment) {
    held.put(path, assignment);
    if (assignment.work() instanceof Work.AbortNode abort) {
      spawner.tell(before.ref(), new Worker.Abort(abort));
      lastStopping.put(path, new Child<>(before.ref(), assignment));
    }
  }

  /** Releases a worker, or dismisses it if its attempt continues; it stops later. */
  private void detach(NodePath path, Child<R> child) {
    current.remove(path);
    lastStopping.put(path, child);
    stopping.put(child.ref(), path);
    spawner.tell(
        child.ref(),
        attemptContinues.test(child.work()) ? new Worker.Leave() : new Worker.Release());
  }

  private void releaseDismissed(NodePath path) {
    var child = lastStopping.get(path);
    if (child != null && !attemptContinues.test(child.work())) {
      spawner.tell(child.ref(), new Worker.Release());
    }
  }

  /**
   * Notifies the worker of a node, if it has one, that the event it waits for may have happened.
   */
  void lookAgain(NodePath path) {
    var child = current.get(path);
    if (child != null) {
      spawner.tell(child.ref(), new Worker.LookAgain());
    }
  }

  /**
   * Handles the stop of a worker.
   *
   * @return its assignment if the work was still outstanding
   */
  Optional<Assignment> gone(R ref) {
    var node = stopping.remove(ref);
    if (node != null) {
      startHeld(node, ref);
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
    var last = lastStopping.get(path);
    if (last != null && last.ref().equals(gone)) {
      lastStopping.remove(path);
      var waiting = held.remove(path);
      if (waiting != null) {
        spawn(path, waiting);
      }
    }
  }
}
