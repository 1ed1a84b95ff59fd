package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;

/** What a handler says of its attempt. */
public sealed interface NodeTransition {

  /** Not over; look again as said. */
  record Running(Progress progress, LookAgain lookAgain) implements NodeTransition {}

  /** The inputs of the graph inside the node are these. */
  record Resolved(Values inputs) implements NodeTransition {}

  /**
   * The graph inside the node is this one.
   *
   * @param conclusion of the task that made it, if one did
   */
  record Opened(Values inputs, Subgraph contents, AttemptSummary conclusion)
      implements NodeTransition {}

  /** An earlier execution had done it. */
  record Recovered(Values outputs, AttemptSummary conclusion) implements NodeTransition {}

  record Succeeded(Values outputs, AttemptSummary conclusion) implements NodeTransition {}

  /**
   * @param recoverable whether another attempt may help
   */
  record Failed(ExecutionError error, boolean recoverable, AttemptSummary conclusion)
      implements NodeTransition {}
}
