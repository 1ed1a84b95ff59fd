package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import java.time.Instant;

/** The state of one execution: one record per phase of its life. */
public sealed interface WorkflowState {

  /** The execution has no event yet. */
  record NotStarted(Plans plans) implements WorkflowState {}

  /**
   * The graph runs. While it is being stopped ({@code tree.root().stop()}), no node starts and the
   * running nodes are aborted.
   */
  record Running(Header header, NodeTree tree) implements WorkflowState {}

  /** The graph has ended with success; the outputs are not stored yet. */
  record Succeeding(Header header, Values outputs) implements WorkflowState {}

  /** The execution has ended. */
  record Done(Header header, Outcome outcome) implements WorkflowState {}

  /** The facts that are fixed at the start. */
  record Header(
      Plan plan, Plans plans, Values inputs, ExecutionSettings settings, Instant startedAt) {}

  /** The outcome of an execution. */
  sealed interface Outcome {
    record Succeeded(Values outputs) implements Outcome {}

    record Failed(ExecutionError error) implements Outcome {}

    record Aborted(String cause) implements Outcome {}
  }
}
