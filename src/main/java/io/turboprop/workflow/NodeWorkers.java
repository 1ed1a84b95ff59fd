package io.turboprop.workflow;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * The workers of an entity. It makes them equal to what should be under way: starts what is
 * missing, turns a running attempt into one that is being stopped, releases what is over.
 */
final class NodeWorkers {
  private final ActorContext<?> context;
  private final Worker.Factory factory;
  private final ActorRef<NodeReport> reports;
  private final Map<NodePath, Child> current = new HashMap<>();
  private final Set<ActorRef<Void>> released = new HashSet<>();

  private record Child(ActorRef<Worker.Message> ref, Assignment assignment) {}

  NodeWorkers(ActorContext<?> context, Worker.Factory factory, ActorRef<NodeReport> reports) {
    this.context = context;
    this.factory = factory;
    this.reports = reports;
  }

  /** Whether no worker is there, not even one that is cleaning up. */
  boolean isEmpty() {
    return current.isEmpty() && released.isEmpty();
  }

  /** Makes all workers equal to these assignments. */
  void become(List<Assignment> wanted) {
    var paths = new HashSet<NodePath>();
    for (var assignment : wanted) {
      paths.add(assignment.path());
      become(assignment.path(), Optional.of(assignment));
    }
    for (var path : List.copyOf(current.keySet())) {
      if (!paths.contains(path)) {
        become(path, Optional.empty());
      }
    }
  }

  /** Makes the worker of one node equal to its assignment. */
  void become(NodePath path, Optional<Assignment> wanted) {
    var child = current.get(path);
    if (child != null && wanted.isPresent()) {
      change(path, child, wanted.orElseThrow());
    } else if (child != null) {
      release(path, child);
    } else {
      wanted.ifPresent(assignment -> start(path, assignment));
    }
  }

  private void change(NodePath path, Child child, Assignment wanted) {
    if (child.assignment().work().equals(wanted.work())) {
      return;
    }
    if (child.assignment().work().attempt() == wanted.work().attempt()
        && wanted.work() instanceof Work.AbortNode abort) {
      child.ref().tell(new Worker.Abort(abort));
      current.put(path, new Child(child.ref(), wanted));
    } else {
      release(path, child);
      start(path, wanted);
    }
  }

  private void start(NodePath path, Assignment assignment) {
    var ref = context.spawnAnonymous(factory.worker(assignment, reports));
    context.watch(ref);
    current.put(path, new Child(ref, assignment));
  }

  private void release(NodePath path, Child child) {
    current.remove(path);
    released.add(child.ref().unsafeUpcast());
    child.ref().tell(new Worker.Release());
  }

  /** Tells the worker of a node, if there is one, that what it waits for may have happened. */
  void lookAgain(NodePath path) {
    var child = current.get(path);
    if (child != null) {
      child.ref().tell(new Worker.LookAgain());
    }
  }

  /** Has all of them stop what they do; each is released when it has reported that. */
  void abortAll(String cause) {
    for (var entry : Map.copyOf(current).entrySet()) {
      var assignment = entry.getValue().assignment();
      if (assignment.work() instanceof Work.RunNode(var node, var attempt)) {
        change(
            entry.getKey(),
            entry.getValue(),
            assignment.with(new Work.AbortNode(node, attempt, cause)));
      }
    }
  }

  /**
   * A child has stopped.
   *
   * @return its assignment if it was still wanted
   */
  Optional<Assignment> gone(ActorRef<Void> ref) {
    if (released.remove(ref)) {
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
}
