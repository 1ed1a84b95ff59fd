package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Pending;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.Optional;

/**
 * Derives, one at a time, the events that follow from a state without a command: a graph ends
 * ({@link GraphCompletion}), a node starts ({@link NodeStart}) or is skipped, an array starts its
 * next element.
 */
final class NextEvents {
  private NextEvents() {}

  /** The next event; empty if no event follows without a command. */
  static Optional<WorkflowEvent> next(IndexedState execution, Instant now) {
    return switch (execution.state()) {
      case Running running -> next(running, execution.indexes(), now);
      case WorkflowState.Succeeding(_, var outputs) ->
          Optional.of(new WorkflowEvent.Succeeded(outputs, now));
      case WorkflowState.NotStarted _, WorkflowState.Done _ -> Optional.empty();
    };
  }

  private static Optional<WorkflowEvent> next(Running state, Indexes indexes, Instant now) {
    if (!indexes.graphsToComplete().isEmpty()) {
      return Optional.of(GraphCompletion.of(state, indexes.graphsToComplete().head(), now));
    }
    var end = GraphCompletion.ofRoot(state, now);
    if (end.isPresent()) {
      return end;
    }
    return indexes.arraysWithCapacity().isEmpty()
        ? startFirstReady(state, indexes, now)
        : Optional.of(startElement(state, indexes.arraysWithCapacity().head(), now));
  }

  /**
   * The start, requeueing or skip of the first ready node. Empty if that node gets no permit; the
   * nodes behind it then get none either, since nodes that need no permit are at the head of the
   * queue ({@link Indexes}).
   */
  private static Optional<WorkflowEvent> startFirstReady(
      Running state, Indexes indexes, Instant now) {
    if (indexes.ready().isEmpty()) {
      return Optional.empty();
    }
    var path = indexes.ready().head();
    var graph = state.tree().graphOf(path).orElseThrow();
    var number = graph.graph().number(path.nodeId());
    var node = graph.node(number);
    if (node instanceof Pending && indexes.readiness(path.parent(), number).skip()) {
      return Optional.of(new WorkflowEvent.NodeSkipped(path, now));
    }
    var plan = graph.graph().node(number);
    return Parallelism.allows(state.header().settings(), plan, indexes.permits())
        ? Optional.of(
            node instanceof Requeued(var attempt, _, _)
                ? new WorkflowEvent.NodeRequeued(path, attempt, now)
                : NodeStart.begin(state, path, plan, now))
        : Optional.empty();
  }

  /** The start of the next element of an array with capacity. */
  private static WorkflowEvent startElement(Running state, NodePath array, Instant now) {
    var active = (Active) state.tree().node(array);
    var elements = active.inner().orElseThrow();
    var element = elements.graph().node(elements.begun());
    return NodeStart.begin(state, array.child(active.attempt(), element.id()), element, now);
  }
}
