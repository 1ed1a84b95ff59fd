package io.turboprop.workflow.decide;

import io.turboprop.data.BindingException;
import io.turboprop.data.Bindings;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.rule.Branching;
import io.turboprop.workflow.decide.rule.NodeBudget;
import io.turboprop.workflow.plan.Graphs;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.HashMap;
import java.util.Optional;

/**
 * Starts nodes. A node without external work is decided at once if all its inputs are in the state.
 * Every other node needs a worker and is queued.
 */
final class NodeStart {
  private NodeStart() {}

  /** The first event of a ready node. */
  static WorkflowEvent begin(Running state, NodePath path, PlanNode node, Instant now) {
    return switch (node.kind()) {
      case NodeKind.Start _ -> throw new IllegalStateException("the start node waits for nothing");
      case NodeKind.End _ ->
          inputs(state, path, node)
              .<WorkflowEvent>map(outputs ->
                  new WorkflowEvent.NodeSucceeded(path, 0, outputs, AttemptSummary.NONE, now))
              .orElseGet(() -> new WorkflowEvent.NodeQueued(path, now));
      case NodeKind.SubWorkflow _, NodeKind.Branch _ ->
          state.header().settings().looksForRecovery()
              ? new WorkflowEvent.NodeQueued(path, now)
              : inputs(state, path, node)
                  .map(inputs -> open(state, path, node, 0, inputs, now))
                  .orElseGet(() -> new WorkflowEvent.NodeQueued(path, now));
      case NodeKind.Task _, NodeKind.LaunchPlan _, NodeKind.Gate _, NodeKind.Array _ ->
          new WorkflowEvent.NodeQueued(path, now);
    };
  }

  /** The event for a node with a planned graph inside whose inputs are known. */
  static WorkflowEvent open(
      Running state, NodePath path, PlanNode node, int attempt, Values inputs, Instant now) {
    return switch (node.kind()) {
      case NodeKind.SubWorkflow _ ->
          opened(state, path, attempt, inputs, new Subgraph.SubWorkflow(), now);
      case NodeKind.Branch branch ->
          switch (choice(branch, inputs)) {
            case Branching.Choice.Take(var arm) ->
                opened(state, path, attempt, inputs, new Subgraph.BranchArm(arm), now);
            case Branching.Choice.Fail(var error) ->
                new WorkflowEvent.NodeFailed(path, attempt, error, AttemptSummary.NONE, now);
          };
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.Task _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _,
          NodeKind.Array _ ->
          throw new IllegalStateException("the plan has no graph inside " + path);
    };
  }

  /**
   * The event for a node whose inner graph is known. A dynamic task as an element of an array
   * fails: the nodes of its graph would wait for permits that the array holds.
   */
  static WorkflowEvent open(Running state, NodeReport.Opened report, Instant now) {
    return report.contents() instanceof Subgraph.Dynamic
            && state.tree().element(report.node()).isPresent()
        ? new WorkflowEvent.NodeFailed(
            report.node(),
            report.attempt(),
            ExecutionError.user(
                "DynamicWorkflowBuildFailed",
                "a dynamic task can't be an element of an array: " + report.node()),
            report.conclusion(),
            now)
        : withinBudget(
            state,
            new WorkflowEvent.GraphOpened(
                report.node(),
                report.attempt(),
                report.inputs(),
                report.contents(),
                report.conclusion(),
                now));
  }

  private static WorkflowEvent opened(
      Running state, NodePath path, int attempt, Values inputs, Subgraph contents, Instant now) {
    return withinBudget(
        state,
        new WorkflowEvent.GraphOpened(path, attempt, inputs, contents, AttemptSummary.NONE, now));
  }

  private static WorkflowEvent withinBudget(Running state, WorkflowEvent.GraphOpened opened) {
    var tree = state.tree();
    var graph = Graphs.inside(tree.plan(opened.node()), opened.contents(), state.header().plans());
    return NodeBudget.exceeded(tree.nodesOpened(), graph, state.header().settings().nodesMax())
        .<WorkflowEvent>map(error ->
            new WorkflowEvent.NodeFailed(
                opened.node(), opened.attempt(), error, opened.conclusion(), opened.at()))
        .orElse(opened);
  }

  private static Branching.Choice choice(NodeKind.Branch branch, Values inputs) {
    return switch (inputs) {
      case Values.Inline(var literals) -> Branching.choose(branch, literals);
      case Values.Stored _ ->
          new Branching.Choice.Fail(
              Branching.malformed("the values to compare are too large to be compared"));
    };
  }

  /** The inputs of a node; empty if a worker has to resolve them. */
  private static Optional<Values> inputs(Running state, NodePath path, PlanNode node) {
    var tree = state.tree();
    if (tree.element(path).isPresent()) {
      return Optional.empty();
    }
    var sources = new HashMap<String, Literals>();
    int sizeBytes = 0;
    for (var source : InputSources.sources(tree, path, node).entrySet()) {
      if (!(source.getValue() instanceof Values.Inline(var literals))) {
        return Optional.empty();
      }
      sizeBytes += literals.sizeBytes();
      sources.put(source.getKey(), literals);
    }
    if (sizeBytes > state.header().settings().inlineBytesMax()) {
      return Optional.empty();
    }
    try {
      var resolved = Bindings.resolve(node.bindings(), sources);
      return Optional.of(
          new Values.Inline(
              InputSources.graphFailure(tree, path)
                  .map(failure -> resolved.withError(failure.error(), failure.nodeId()))
                  .orElse(resolved)));
    } catch (BindingException _) {
      return Optional.empty();
    }
  }
}
