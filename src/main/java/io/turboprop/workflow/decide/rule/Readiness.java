package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;

/**
 * When a node may be started: each counts those it waits for, and each that ends counts one down
 * (engine §2.6). One that did not succeed makes all that waits for it be skipped.
 */
public final class Readiness {
  private Readiness() {}

  /** The state of a waiting node after one of those it waits for has ended. */
  public static NodeState after(NodeState.Waiting waiting, boolean succeeded) {
    var skip = waiting.skip() || !succeeded;
    return waiting.upstreamsLeft() == 1
        ? new NodeState.Ready(skip)
        : new NodeState.Waiting(waiting.upstreamsLeft() - 1, skip);
  }

  /** The state of the arm of a branch when it is taken: it waits for the nodes that it reads. */
  public static NodeState of(PlanNode arm, GraphState scope) {
    int left = 0;
    boolean skip = false;
    for (var source : arm.sources()) {
      var number = scope.graph().find(source);
      if (number.isPresent()) {
        switch (scope.node(number.orElseThrow())) {
          case NodeState.Ended ended -> skip |= !ended.phase().succeeded();
          case NodeState.Waiting _,
              NodeState.Ready _,
              NodeState.Active _,
              NodeState.Paused _,
              NodeState.Requeued _,
              NodeState.Expiring _ ->
              left++;
        }
      }
    }
    return left == 0 ? new NodeState.Ready(skip) : new NodeState.Waiting(left, skip);
  }
}
