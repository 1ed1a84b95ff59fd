package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Work.AbortNode;
import io.turboprop.workflow.decide.Work.NodeWork;
import io.turboprop.workflow.decide.Work.RunNode;
import io.turboprop.workflow.decide.rule.Alarm;
import io.turboprop.workflow.decide.rule.Texts;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Expiring;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Derives the work that should be under way in a state. */
public final class Outstanding {
  private Outstanding() {}

  /** A node and its work; if it has none, its worker is dismissed. */
  public record Touched(NodePath node, Optional<NodeWork> work) {}

  static Set<NodeWork> all(WorkflowState state) {
    var work = new LinkedHashSet<NodeWork>();
    if (state instanceof Running running) {
      visit(
          running,
          running.tree().root(),
          Optional.empty(),
          (path, node) -> of(running, path, node).ifPresent(work::add));
    }
    return work;
  }

  /**
   * The nodes whose work a step may have changed; an event that stops a graph touches all its open
   * nodes.
   */
  static List<Touched> touched(WorkflowState state, List<WorkflowEvent> step) {
    var dismissed = new ArrayList<Touched>();
    var touched = new LinkedHashMap<NodePath, Optional<NodeWork>>();
    for (var event : step) {
      if (event instanceof WorkflowEvent.NodeEvent nodeEvent) {
        var node = nodeEvent.node();
        touched.computeIfAbsent(node, path -> of(state, path));
        if (endsWork(nodeEvent)) {
          dismissed.add(new Touched(node, Optional.empty()));
        }
        if (stopsGraph(nodeEvent) && state instanceof Running running) {
          below(running, node, touched);
        }
      }
    }
    touched.forEach((node, work) -> dismissed.add(new Touched(node, work)));
    return dismissed;
  }

  /** Whether an event ends the work of a worker; further work needs a new worker. */
  private static boolean endsWork(WorkflowEvent.NodeEvent event) {
    return event instanceof WorkflowEvent.GraphOpened
        || (event instanceof WorkflowEvent.NodeRunning running
            && running.sleepsUntil().isPresent());
  }

  private static boolean stopsGraph(WorkflowEvent.NodeEvent event) {
    return event instanceof WorkflowEvent.GraphFailing
        || event instanceof WorkflowEvent.NodeExpired;
  }

  private static void below(
      Running state, NodePath container, Map<NodePath, Optional<NodeWork>> touched) {
    if (state.tree().find(container).orElse(null) instanceof Active active
        && active.hasRunningSubgraph()) {
      visit(
          state,
          active.inner().orElseThrow(),
          Optional.of(container),
          (path, node) -> touched.put(path, of(state, path, node)));
    }
  }

  static List<NodePath> sleepers(WorkflowState state) {
    var sleepers = new ArrayList<NodePath>();
    if (state instanceof Running running) {
      visit(
          running,
          running.tree().root(),
          Optional.empty(),
          (path, node) -> {
            if (node instanceof Active active
                && active.sleepsUntil().equals(Optional.of(Active.UNTIL_TOLD))) {
              sleepers.add(path);
            }
          });
    }
    return sleepers;
  }

  /**
   * Visits all nodes that have begun and not ended, except nodes that only wait for the graph
   * inside.
   */
  private static void visit(
      Running state,
      GraphState graph,
      Optional<NodePath> parent,
      BiConsumer<NodePath, NodeState> visitor) {
    if (graph.open() == 0) {
      return;
    }
    int number = 0;
    for (var node : graph.nodes()) {
      if (GraphState.isOpen(node)) {
        var id = graph.graph().node(number).id();
        var path =
            parent
                .map(p -> p.child(((Active) state.tree().node(p)).attempt(), id))
                .orElseGet(() -> NodePath.root(id));
        if (node instanceof Active active && active.hasRunningSubgraph()) {
          visit(state, active.inner().orElseThrow(), Optional.of(path), visitor);
        } else {
          visitor.accept(path, node);
        }
      }
      number++;
    }
  }

  static Optional<NodeWork> of(WorkflowState state, NodePath path) {
    if (!(state instanceof Running running)) {
      return Optional.empty();
    }
    var node = running.tree().find(path);
    return node.isEmpty() ? Optional.empty() : of(running, path, node.orElseThrow());
  }

  private static Optional<NodeWork> of(Running state, NodePath path, NodeState node) {
    var stopped = state.tree().isStopped(path);
    return switch (node) {
      case Active active when active.hasRunningSubgraph() -> Optional.empty();
      case Active active when stopped -> abort(path, active.attempt(), cause(state, path));
      case Active active when active.sleepsUntil().isPresent() -> Optional.empty();
      case Active active -> Optional.of(new RunNode(path, active.attempt()));
      case Paused paused when stopped -> abort(path, paused.attempt(), cause(state, path));
      case Requeued requeued when stopped -> abort(path, requeued.attempt(), cause(state, path));
      case Expiring expiring ->
          abort(path, expiring.attempt(), Texts.repeatedCause(expiring.error().message()));
      case Paused _, Requeued _, NodeState.Pending _, NodeState.Ended _ -> Optional.empty();
    };
  }

  private static Optional<NodeWork> abort(NodePath path, int attempt, String cause) {
    return Optional.of(new AbortNode(path, attempt, cause));
  }

  /**
   * The cause for which a node is stopped: that of the innermost stopped graph around it, cut
   * short, as many nodes may repeat it.
   */
  static String cause(Running state, NodePath path) {
    return state.tree().graphsAround(path).reversed().stream()
        .flatMap(graph -> graph.stop().stream())
        .findFirst()
        .map(Outstanding::text)
        .orElse("");
  }

  private static String text(Stop stop) {
    return switch (stop) {
      case Stop.Failed(var error) -> "the graph failed: " + Texts.repeatedCause(error.message());
      case Stop.Aborted(var cause) -> Texts.repeatedCause(cause);
      case Stop.Expired(_, var error) -> Texts.repeatedCause(error.message());
    };
  }

  static Optional<Instant> wakeUp(IndexedState execution) {
    return NextEvents.next(execution, Instant.EPOCH).isPresent()
        ? Optional.of(Instant.EPOCH)
        : execution.indexes().alarms().headOption().map(Alarm::at).toJavaOptional();
  }
}
