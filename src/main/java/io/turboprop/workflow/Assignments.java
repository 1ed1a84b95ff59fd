package io.turboprop.workflow;

import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.NodeState.Active;
import io.turboprop.workflow.WorkflowState.Running;
import io.turboprop.workflow.rule.Interruptibility;
import io.turboprop.workflow.rule.Retries;
import java.time.Instant;
import java.util.Optional;

/** Puts together what a worker needs to know. */
final class Assignments {
  private Assignments() {}

  /**
   * @throws IllegalStateException when the state has no such work
   */
  static Assignment of(AcceptedExecution execution, WorkflowState state, Work.NodeWork work) {
    if (!(state instanceof Running(var header, var tree))) {
      throw new IllegalStateException("nothing is to be done in " + state);
    }
    var node = tree.plan(work.node());
    var current = tree.node(work.node());
    var systemFailures =
        switch (current) {
          case Active active -> active.systemFailures();
          case NodeState.Paused paused -> paused.systemFailures();
          case NodeState.Requeued requeued -> requeued.systemFailures();
          case NodeState.Expiring expiring -> expiring.systemFailures();
          case NodeState.Waiting _, NodeState.Ready _, NodeState.Ended _ -> 0;
        };
    return new Assignment(
        execution,
        planOf(header, tree, work.node()),
        work.node(),
        Naming.uniqueNodeId(work.node()),
        node,
        work,
        tree.element(work.node()),
        NodeInputs.graphError(tree, work.node()),
        current instanceof Active active && active.finishing() ? active.inner() : Optional.empty(),
        NodeInputs.sources(tree, work.node(), node),
        current instanceof Active active ? active.progress() : Progress.NONE,
        Interruptibility.of(node.policy(), header.settings(), systemFailures),
        Retries.attemptsMax(node.policy(), header.settings()),
        current instanceof Active active ? active.queuedAt() : Instant.EPOCH);
  }

  /** The plan that a node is part of: that of the execution, or one made by a dynamic node. */
  private static Plan planOf(WorkflowState.Header header, NodeTree tree, NodePath path) {
    if (path.parent().isEmpty()) {
      return header.plan();
    }
    return tree.graphOf(path).orElseThrow().contents() instanceof Contents.Expanded(var digest)
        ? header.plans().plan(digest)
        : planOf(header, tree, path.parent().orElseThrow());
  }
}
