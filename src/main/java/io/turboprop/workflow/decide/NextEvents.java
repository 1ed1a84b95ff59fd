package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ready;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.Optional;

/**
 * What follows from a state without anybody's doing, one fact at a time: graphs end ({@link
 * GraphCompletion}), and nodes for which there is a place begin ({@link NodeStart}).
 */
final class NextEvents {
  private NextEvents() {}

  /** The next fact; empty when it is the turn of the world. */
  static Optional<WorkflowEvent> next(WorkflowState state, Instant now) {
    return switch (state) {
      case Running running -> next(running, now);
      case WorkflowState.Succeeding(_, var outputs) ->
          Optional.of(new WorkflowEvent.Succeeded(outputs, now));
      case WorkflowState.NotStarted _, WorkflowState.Done _ -> Optional.empty();
    };
  }

  private static Optional<WorkflowEvent> next(Running state, Instant now) {
    var tree = state.tree();
    if (!tree.graphsToComplete().isEmpty()) {
      return Optional.of(GraphCompletion.close(state, tree.graphsToComplete().head(), now));
    }
    var end = GraphCompletion.ofRoot(state, now);
    if (end.isPresent()) {
      return end;
    }
    return tree.arraysWithCapacity().isEmpty()
        ? admit(state, now)
        : Optional.of(feed(state, tree.arraysWithCapacity().head(), now));
  }

  /** The first of those that are ready, if there is a place for it. */
  private static Optional<WorkflowEvent> admit(Running state, Instant now) {
    var tree = state.tree();
    if (tree.ready().isEmpty()) {
      return Optional.empty();
    }
    var path = tree.ready().head();
    var node = tree.node(path);
    if (node instanceof Ready(var skip) && skip) {
      return Optional.of(new WorkflowEvent.NodeSkipped(path, now));
    }
    var plan = tree.plan(path);
    return Parallelism.allows(state.header().settings(), plan, tree.running())
        ? Optional.of(
            node instanceof Requeued(var attempt, _, _)
                ? new WorkflowEvent.NodeRequeued(path, attempt, now)
                : NodeStart.begin(state, path, plan, now))
        : Optional.empty();
  }

  /** The next element of an array that has a place. */
  private static WorkflowEvent feed(Running state, NodePath array, Instant now) {
    var active = (Active) state.tree().node(array);
    var elements = active.inner().orElseThrow();
    var element = elements.graph().node(elements.begun());
    return NodeStart.begin(state, array.child(active.attempt(), element.id()), element, now);
  }
}
