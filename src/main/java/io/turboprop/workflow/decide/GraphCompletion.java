package io.turboprop.workflow.decide;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.FailurePolicies;
import io.turboprop.workflow.decide.rule.Texts;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Ended;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.Optional;

/**
 * Ends graphs. A graph ends when all its nodes have ended, or when it is stopped and no node in it
 * runs any more. A graph that has failed runs its failure node first.
 */
final class GraphCompletion {
  private GraphCompletion() {}

  /** Whether the graph inside a node has to be ended or stopped now. */
  static boolean mustComplete(NodeTree tree, NodePath container) {
    if (!(tree.node(container) instanceof Active active) || !active.hasRunningSubgraph()) {
      return false;
    }
    var inner = active.inner().orElseThrow();
    if (tree.isStopped(container)) {
      return inner.open() == 0;
    }
    if (inner.stop().isPresent()) {
      return inner.isDrained();
    }
    return inner.unfinished() == 0 || fatal(tree, container, inner).isPresent();
  }

  /** The next event of a node whose graph has to be ended or stopped. */
  static WorkflowEvent of(Running state, NodePath container, Instant now) {
    var tree = state.tree();
    var active = (Active) tree.node(container);
    var inner = active.inner().orElseThrow();
    if (inner.stop().isPresent()) {
      return drained(state, container, active, inner, now);
    }
    if (tree.isStopped(container)) {
      return new WorkflowEvent.NodeAborted(
          container, active.attempt(), Outstanding.cause(state, container), now);
    }
    return fatal(tree, container, inner)
        .<WorkflowEvent>map(
            error -> new WorkflowEvent.GraphFailing(container, active.attempt(), error, now))
        .orElseGet(() -> walked(container, active, inner, now));
  }

  /** The next event of the execution's root graph; empty while the graph goes on. */
  static Optional<WorkflowEvent> ofRoot(Running state, Instant now) {
    var root = state.tree().root();
    if (root.stop().isPresent()) {
      return root.isDrained()
          ? Optional.of(stopped(root, root.stop().orElseThrow(), now))
          : Optional.empty();
    }
    var fatal = FailurePolicies.fatal(root, root.graph().failurePolicy());
    if (fatal.isPresent()) {
      return Optional.of(new WorkflowEvent.Failing(fatal.orElseThrow(), now));
    }
    return root.unfinished() == 0
        ? Optional.of(new WorkflowEvent.Succeeding(now))
        : Optional.empty();
  }

  private static WorkflowEvent stopped(GraphState root, Stop stop, Instant now) {
    return switch (stop) {
      case Stop.Failed(var error) -> new WorkflowEvent.Failed(error(root, error), now);
      case Stop.Aborted(var cause) -> new WorkflowEvent.Aborted(cause, now);
      case Stop.Expired(_, var error) -> new WorkflowEvent.Failed(error, now);
    };
  }

  /**
   * The event for a graph that has ended with success. If its outputs have to be collected or
   * checked, a worker does so first.
   */
  private static WorkflowEvent walked(
      NodePath container, Active active, GraphState inner, Instant now) {
    return switch (inner.contents()) {
      case Subgraph.SubWorkflow _ -> succeeded(container, active, inner, PlanNode.END, now);
      case Subgraph.BranchArm(var arm) -> succeeded(container, active, inner, arm, now);
      case Subgraph.ArrayElements _, Subgraph.Dynamic _ ->
          new WorkflowEvent.GraphEnded(container, active.attempt(), now);
    };
  }

  private static WorkflowEvent succeeded(
      NodePath container, Active active, GraphState inner, String last, Instant now) {
    return new WorkflowEvent.NodeSucceeded(
        container, active.attempt(), inner.outputs(last), AttemptSummary.NONE, now);
  }

  private static WorkflowEvent drained(
      Running state, NodePath container, Active active, GraphState inner, Instant now) {
    var attempt = active.attempt();
    return switch (inner.stop().orElseThrow()) {
      case Stop.Failed(var error) ->
          new WorkflowEvent.NodeFailed(
              container, attempt, error(inner, error), AttemptSummary.NONE, now);
      case Stop.Aborted(var cause) ->
          new WorkflowEvent.NodeAborted(container, attempt, Texts.repeatedCause(cause), now);
      case Stop.Expired(var expiry, var error) ->
          ReportHandling.expired(
              state, container, attempt, active.systemFailures(), expiry, error, now);
    };
  }

  /** The error of a failed graph; the error of its failure node replaces it. */
  private static ExecutionError error(GraphState graph, ExecutionError error) {
    return graph.failureNode().orElse(null) instanceof Ended ended && ended.phase().failed()
        ? ended.error().orElse(error)
        : error;
  }

  private static Optional<ExecutionError> fatal(
      NodeTree tree, NodePath container, GraphState graph) {
    return FailurePolicies.fatal(graph, policy(tree, container, graph));
  }

  /**
   * The policy of a graph. Only workflows have one; any other graph follows the policy of the
   * nearest workflow around it.
   */
  private static FailurePolicy policy(NodeTree tree, NodePath container, GraphState graph) {
    if (graph.contents() instanceof Subgraph.SubWorkflow) {
      return graph.graph().failurePolicy();
    }
    return tree.graphsAround(container).reversed().stream()
        .filter(around -> around.contents() instanceof Subgraph.SubWorkflow)
        .findFirst()
        .orElseThrow()
        .graph()
        .failurePolicy();
  }
}
