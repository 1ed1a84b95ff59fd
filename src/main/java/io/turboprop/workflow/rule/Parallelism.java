package io.turboprop.workflow.rule;

import io.turboprop.workflow.ExecutionSettings;
import io.turboprop.workflow.NodeKind;
import io.turboprop.workflow.NodeState;
import io.turboprop.workflow.PlanNode;

/**
 * How many nodes may be under way at once (engine §2.8). Differs from Flyte in that the bound holds
 * for nodes to be started only: one that runs is never left unattended.
 */
public final class Parallelism {
  private Parallelism() {}

  /** Whether a node may be started while {@code running} places are taken. */
  public static boolean allows(ExecutionSettings settings, PlanNode node, int running) {
    return settings.parallelismMax() == 0 || !counts(node) || running < settings.parallelismMax();
  }

  /** How many places a node in this state takes; one keeps its place between two attempts. */
  public static int places(PlanNode node, NodeState state) {
    return switch (state) {
      case NodeState.Active _, NodeState.Paused _, NodeState.Expiring _ -> counts(node) ? 1 : 0;
      case NodeState.Waiting _, NodeState.Ready _, NodeState.Ended _ -> 0;
    };
  }

  /** Whether a node of this kind takes a place; the others need not wait behind those that do. */
  public static boolean counts(PlanNode node) {
    return switch (node.kind()) {
      case NodeKind.Task _ -> true;
      case NodeKind.Start _, NodeKind.End _, NodeKind.SubWorkflow _, NodeKind.Unsupported _ ->
          false;
    };
  }
}
