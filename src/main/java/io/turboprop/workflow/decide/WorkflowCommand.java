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

/** What an execution is asked to do, or told; imperative, plain data. */
public sealed interface WorkflowCommand {

  /** Begin. */
  record Start(String planDigest, Values inputs, ExecutionSettings settings)
      implements WorkflowCommand {}

  /** Stop what runs and end as ABORTED. */
  record Abort(String cause) implements WorkflowCommand {}

  /** Look at the clock. */
  record Tick() implements WorkflowCommand {}

  /**
   * Something that these nodes sleep for may have happened: a child execution has ended, a signal
   * was sent. Nodes that do not sleep are left alone.
   */
  record LookAgain(List<NodePath> nodes) implements WorkflowCommand {}

  /** News of one attempt of one node; a report of another than the current one is ignored. */
  sealed interface NodeReport extends WorkflowCommand {
    NodePath node();

    int attempt();

    /**
     * It is under way.
     *
     * @param sleepsUntil nothing is under way in this JVM, and nothing has to be looked at before
     *     this moment
     */
    record Running(NodePath node, int attempt, Progress progress, Optional<Instant> sleepsUntil)
        implements NodeReport {}

    /** The inputs of the graph inside the node have been read; the machine knows which graph. */
    record Resolved(NodePath node, int attempt, Values inputs) implements NodeReport {}

    /**
     * The graph inside the node is known.
     *
     * @param conclusion of the task that made it, if one did
     */
    record Opened(
        NodePath node, int attempt, Values inputs, Subgraph contents, AttemptSummary conclusion)
        implements NodeReport {}

    record Succeeded(NodePath node, int attempt, Values outputs, AttemptSummary conclusion)
        implements NodeReport {}

    /** An earlier execution had done it. */
    record Recovered(NodePath node, int attempt, Values outputs, AttemptSummary conclusion)
        implements NodeReport {}

    /**
     * @param recoverable whether another attempt may help; if so the budget decides
     */
    record Failed(
        NodePath node,
        int attempt,
        ExecutionError error,
        boolean recoverable,
        AttemptSummary conclusion)
        implements NodeReport {}

    /** The attempt has been stopped, as was asked. */
    record Aborted(NodePath node, int attempt) implements NodeReport {}
  }
}
