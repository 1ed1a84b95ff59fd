package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;

/**
 * When a node may be started: it counts the nodes that it waits for, and each that ends counts it
 * down (engine §2.6). If one of them did not succeed, the node is skipped.
 *
 * @param upstreamsLeft how many of the nodes that it waits for have not ended
 * @param skip whether one that has ended did not succeed
 */
public record Readiness(int upstreamsLeft, boolean skip) {
  private static final int SHARED = 8;
  private static final Readiness[] FEW = new Readiness[SHARED];

  static {
    for (int left = 0; left < SHARED; left++) {
      FEW[left] = new Readiness(left, false);
    }
  }

  /** That of a node of which no upstream has ended. */
  public static Readiness waitingFor(int upstreams) {
    return upstreams < SHARED ? FEW[upstreams] : new Readiness(upstreams, false);
  }

  /** That of a node that is skipped, whatever it waits for. */
  public static Readiness toBeSkipped() {
    return new Readiness(0, true);
  }

  /** Whether nothing is left to wait for but a permit. */
  public boolean isReady() {
    return upstreamsLeft == 0;
  }

  /** After one of the nodes that it waits for has ended. */
  public Readiness after(boolean succeeded) {
    return skip || !succeeded
        ? new Readiness(upstreamsLeft - 1, true)
        : waitingFor(upstreamsLeft - 1);
  }

  /** That of the arm of a branch when it is taken: it waits for the nodes that it reads. */
  public static Readiness of(PlanNode arm, GraphState scope) {
    int left = 0;
    boolean skip = false;
    for (var source : arm.sources()) {
      var number = scope.graph().find(source);
      if (number.isPresent()) {
        if (scope.node(number.orElseThrow()) instanceof NodeState.Ended ended) {
          skip |= !ended.phase().succeeded();
        } else {
          left++;
        }
      }
    }
    return new Readiness(left, skip);
  }
}
