package io.turboprop.workflow;

import io.turboprop.data.BindingException;
import io.turboprop.data.Bindings;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.GraphState.Stop;
import io.turboprop.workflow.NodeState.Active;
import io.turboprop.workflow.NodeState.Ready;
import io.turboprop.workflow.WorkflowState.Running;
import io.turboprop.workflow.rule.FailurePolicies;
import io.turboprop.workflow.rule.Parallelism;
import java.time.Instant;
import java.util.HashMap;
import java.util.Optional;
import java.util.function.Function;

/** What follows from a state without anybody's doing, one fact at a time. */
final class Consequences {
  private Consequences() {}

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
    if (!tree.closing().isEmpty()) {
      return Optional.of(close(tree, tree.closing().head(), now));
    }
    var end = endOfRoot(state, now);
    return end.isPresent() ? end : admit(state, now);
  }

  private static Optional<WorkflowEvent> endOfRoot(Running state, Instant now) {
    var root = state.tree().root();
    if (root.stop().isPresent()) {
      return root.open() > 0
          ? Optional.empty()
          : Optional.of(
              switch (root.stop().orElseThrow()) {
                case Stop.Failed(var error) -> new WorkflowEvent.Failed(error, now);
                case Stop.Aborted(var cause) -> new WorkflowEvent.Aborted(cause, now);
              });
    }
    var fatal = FailurePolicies.fatal(root, root.graph().failurePolicy());
    if (fatal.isPresent()) {
      return Optional.of(new WorkflowEvent.Failing(fatal.orElseThrow(), now));
    }
    return root.unfinished() == 0
        ? Optional.of(new WorkflowEvent.Succeeding(now))
        : Optional.empty();
  }

  /** Whether the graph inside a node has to be ended, or stopped. */
  static boolean mustClose(NodeTree tree, NodePath container) {
    if (!(tree.node(container) instanceof Active active) || active.inner().isEmpty()) {
      return false;
    }
    var inner = active.inner().orElseThrow();
    if (inner.stop().isPresent() || tree.isStopped(container)) {
      return inner.open() == 0;
    }
    return inner.unfinished() == 0 || fatal(tree, inner).isPresent();
  }

  private static WorkflowEvent close(NodeTree tree, NodePath container, Instant now) {
    var active = (Active) tree.node(container);
    var inner = active.inner().orElseThrow();
    if (inner.stop().isPresent()) {
      return closed(container, active, inner.stop().orElseThrow(), now);
    }
    if (tree.isStopped(container)) {
      return new WorkflowEvent.NodeAborted(
          container, active.attempt(), "the graph is stopped", now);
    }
    return fatal(tree, inner)
        .<WorkflowEvent>map(
            error -> new WorkflowEvent.GraphFailing(container, active.attempt(), error, now))
        .orElseGet(() ->
            new WorkflowEvent.NodeSucceeded(
                container, active.attempt(), inner.outputs(PlanNode.END), Conclusion.NONE, now));
  }

  private static WorkflowEvent closed(NodePath container, Active active, Stop stop, Instant now) {
    return switch (stop) {
      case Stop.Failed(var error) ->
          new WorkflowEvent.NodeFailed(container, active.attempt(), error, Conclusion.NONE, now);
      case Stop.Aborted(var cause) ->
          new WorkflowEvent.NodeAborted(container, active.attempt(), cause, now);
    };
  }

  private static Optional<ExecutionError> fatal(NodeTree tree, GraphState graph) {
    return FailurePolicies.fatal(graph, tree.root().graph().failurePolicy());
  }

  /** The first of those that are ready, if there is a place for it. */
  private static Optional<WorkflowEvent> admit(Running state, Instant now) {
    var tree = state.tree();
    if (tree.ready().isEmpty()) {
      return Optional.empty();
    }
    var path = tree.ready().head();
    if (((Ready) tree.node(path)).skip()) {
      return Optional.of(new WorkflowEvent.NodeSkipped(path, now));
    }
    var node = tree.plan(path);
    return switch (node.kind()) {
      case NodeKind.Start _ -> throw new IllegalStateException("the start node waits for nothing");
      case NodeKind.End _ -> Optional.of(endNode(state, path, node, now));
      case NodeKind.SubWorkflow _ -> Optional.of(subWorkflow(state, path, node, now));
      case NodeKind.Task _ ->
          Parallelism.allows(state.header().settings(), node, tree.running())
              ? Optional.of(new WorkflowEvent.NodeQueued(path, now))
              : Optional.empty();
      case NodeKind.Unsupported(var what) ->
          throw new IllegalStateException("a plan with a " + what + " node was accepted");
    };
  }

  /** The outputs of the graph are made here if all that they are made of is at hand. */
  private static WorkflowEvent endNode(Running state, NodePath path, PlanNode node, Instant now) {
    return withInputs(
        state,
        path,
        node,
        now,
        outputs -> new WorkflowEvent.NodeSucceeded(path, 0, outputs, Conclusion.NONE, now));
  }

  private static WorkflowEvent subWorkflow(
      Running state, NodePath path, PlanNode node, Instant now) {
    return withInputs(
        state, path, node, now, inputs -> new WorkflowEvent.GraphOpened(path, 0, inputs, now));
  }

  /** What happens with the node's inputs; or, if a worker has to see to them, that it is queued. */
  private static WorkflowEvent withInputs(
      Running state,
      NodePath path,
      PlanNode node,
      Instant now,
      Function<Values, WorkflowEvent> then) {
    var sources = new HashMap<String, Literals>();
    int sizeBytes = 0;
    for (var source : NodeInputs.sources(state.tree(), path, node).entrySet()) {
      if (!(source.getValue() instanceof Values.Inline(var literals))) {
        return new WorkflowEvent.NodeQueued(path, now);
      }
      sizeBytes += literals.sizeBytes();
      sources.put(source.getKey(), literals);
    }
    if (sizeBytes > state.header().settings().inlineBytesMax()) {
      return new WorkflowEvent.NodeQueued(path, now);
    }
    try {
      return then.apply(new Values.Inline(Bindings.resolve(node.bindings(), sources)));
    } catch (BindingException _) {
      return new WorkflowEvent.NodeQueued(path, now);
    }
  }
}
