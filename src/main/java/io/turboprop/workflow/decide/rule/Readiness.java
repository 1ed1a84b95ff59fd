package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;

/**
 * The readiness of a node: counts the upstreams that have not ended. If an upstream has ended
 * without success, the node is skipped.
 *
 * @param upstreamsLeft how many of its upstreams have not ended
 * @param skip whether an upstream has ended without success
 */
public record Readiness(int upstreamsLeft, boolean skip) {
  private static final int SHARED = 8;
  private static final Readiness[] FEW = new Readiness[SHARED];

  static {
    for (int left = 0; left < SHARED; left++) {
      FEW[left] = new Readiness(left, false);
    }
  }

  /** The readiness of a node none of whose upstreams has ended. */
  public static Readiness waitingFor(int upstreams) {
    return upstreams < SHARED ? FEW[upstreams] : new Readiness(upstreams, false);
  }

  /** The readiness of a node that is skipped at once. */
  public static Readiness toBeSkipped() {
    return new Readiness(0, true);
  }

  /** Whether the node waits for nothing but a permit. */
  public boolean isReady() {
    return upstreamsLeft == 0;
  }

  /** The readiness after the end of an upstream. */
  public Readiness after(boolean succeeded) {
    return skip || !succeeded
        ? new Readiness(upstreamsLeft - 1, true)
        : waitingFor(upstreamsLeft - 1);
  }

  /**
   * The readiness of the selected arm of a branch: the arm waits for the nodes that its bindings
   * read.
   */
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
