package io.turboprop.workflow.decide;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A command to an execution: plain data. */
public sealed interface WorkflowCommand {

  /** Start the execution. */
  record Start(String planDigest, Values inputs, ExecutionSettings settings)
      implements WorkflowCommand {}

  /** Stop all nodes and end the execution as ABORTED. */
  record Abort(String cause) implements WorkflowCommand {}

  /** Handle the alarms that are due. */
  record Tick() implements WorkflowCommand {}

  /**
   * Wake these nodes, because an event that they wait for may have happened: a child execution has
   * ended, a signal was sent. Nodes that do not sleep are ignored.
   */
  record LookAgain(List<NodePath> nodes) implements WorkflowCommand {}

  /**
   * A report about one attempt of one node. A report about another attempt than the current one is
   * ignored.
   */
  sealed interface NodeReport extends WorkflowCommand {
    NodePath node();

    int attempt();

    /**
     * The attempt is under way.
     *
     * @param sleepsUntil the attempt needs no worker before this time, unless it is notified
     */
    record Running(NodePath node, int attempt, Progress progress, Optional<Instant> sleepsUntil)
        implements NodeReport {}

    /** The inputs of the graph inside the node were resolved; the plan has the graph. */
    record Resolved(NodePath node, int attempt, Values inputs) implements NodeReport {}

    /**
     * The graph inside the node is known.
     *
     * @param conclusion the summary of the attempt whose task made the graph; empty if no task did
     */
    record Opened(
        NodePath node, int attempt, Values inputs, Subgraph contents, AttemptSummary conclusion)
        implements NodeReport {}

    record Succeeded(NodePath node, int attempt, Values outputs, AttemptSummary conclusion)
        implements NodeReport {}

    /** The node takes its outputs from an earlier execution, in which it succeeded. */
    record Recovered(NodePath node, int attempt, Values outputs, AttemptSummary conclusion)
        implements NodeReport {}

    /**
     * @param recoverable whether another attempt may succeed; then the retry budget decides
     */
    record Failed(
        NodePath node,
        int attempt,
        ExecutionError error,
        boolean recoverable,
        AttemptSummary conclusion)
        implements NodeReport {}

    /** The attempt was stopped after {@link Work.AbortNode}. */
    record Aborted(NodePath node, int attempt) implements NodeReport {}
  }
}
