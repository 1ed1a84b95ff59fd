package io.turboprop.workflow.entity;

import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.InputSources;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.rule.Interruptibility;
import io.turboprop.workflow.decide.rule.Retries;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.Optional;

/** Builds the assignments of workers. */
final class Assignments {
  private Assignments() {}

  /**
   * @throws IllegalStateException when the state has no such work
   */
  static Assignment of(AcceptedExecution execution, WorkflowState state, Work.NodeWork work) {
    if (!(state instanceof Running(var header, var tree))) {
      throw new IllegalStateException("no work is outstanding in " + state);
    }
    var node = tree.plan(work.node());
    var current = tree.node(work.node());
    var systemFailures =
        switch (current) {
          case Active active -> active.systemFailures();
          case NodeState.Paused paused -> paused.systemFailures();
          case NodeState.Requeued requeued -> requeued.systemFailures();
          case NodeState.Expiring expiring -> expiring.systemFailures();
          case NodeState.Pending _, NodeState.Ended _ -> 0;
        };
    return new Assignment(
        execution,
        planOf(header, tree, work.node()),
        work.node(),
        Naming.uniqueNodeId(work.node()),
        node,
        work,
        tree.element(work.node()),
        InputSources.graphFailure(tree, work.node()),
        current instanceof Active active && active.finishing() ? active.inner() : Optional.empty(),
        InputSources.sources(tree, work.node(), node),
        current instanceof Active active ? active.progress() : Progress.NONE,
        Interruptibility.of(node.policy(), header.settings(), systemFailures),
        Retries.attemptsMax(node.policy(), header.settings()),
        current instanceof Active active ? active.queuedAt() : Instant.EPOCH);
  }

  /** The plan that a node belongs to: that of the execution, or that of a dynamic node. */
  private static Plan planOf(WorkflowState.Header header, NodeTree tree, NodePath path) {
    if (path.parent().isEmpty()) {
      return header.plan();
    }
    return tree.graphOf(path).orElseThrow().contents() instanceof Subgraph.Dynamic(var digest)
        ? header.plans().plan(digest)
        : planOf(header, tree, path.parent().orElseThrow());
  }
}
