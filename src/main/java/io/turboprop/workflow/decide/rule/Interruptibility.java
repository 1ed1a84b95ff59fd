package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.state.ExecutionSettings;

/**
 * Decides whether an attempt may run on interruptible machines. A node's own setting overrides the
 * execution's. The last attempt of the system retry budget is never interruptible.
 */
public final class Interruptibility {
  private Interruptibility() {}

  public static boolean of(NodePolicy policy, ExecutionSettings settings, int systemFailures) {
    return policy.interruptible().orElse(settings.interruptible())
        && systemFailures < settings.systemRetriesMax();
  }
}
