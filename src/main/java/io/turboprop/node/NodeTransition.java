package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;

/** The result of a handler's call for an attempt. */
public sealed interface NodeTransition {

  /** The attempt goes on; the handler is called again as requested. */
  record Running(Progress progress, LookAgain lookAgain) implements NodeTransition {}

  /** The inputs of the graph inside the node are resolved. */
  record Resolved(Values inputs) implements NodeTransition {}

  /**
   * The node has opened the graph inside it.
   *
   * @param conclusion the summary of the task that made the graph, if a task made it
   */
  record Opened(Values inputs, Subgraph contents, AttemptSummary conclusion)
      implements NodeTransition {}

  /** An earlier execution had run the node; its outputs are reused. */
  record Recovered(Values outputs, AttemptSummary conclusion) implements NodeTransition {}

  record Succeeded(Values outputs, AttemptSummary conclusion) implements NodeTransition {}

  /**
   * @param recoverable whether another attempt may help
   */
  record Failed(ExecutionError error, boolean recoverable, AttemptSummary conclusion)
      implements NodeTransition {}
}
