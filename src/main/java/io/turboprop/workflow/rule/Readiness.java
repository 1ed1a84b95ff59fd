package io.turboprop.workflow.rule;

import io.turboprop.workflow.NodeState;

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
}
