package io.turboprop.workflow.decide.rule;

import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.state.ExecutionSettings;

/**
 * Whether an attempt may run where it can be taken away (engine §1.8, §2.4): a node's own setting
 * beats the execution's, and the last attempt that the system budget allows never may.
 */
public final class Interruptibility {
  private Interruptibility() {}

  public static boolean of(NodePolicy policy, ExecutionSettings settings, int systemFailures) {
    return policy.interruptible().orElse(settings.interruptible())
        && systemFailures < settings.systemRetriesMax();
  }
}
