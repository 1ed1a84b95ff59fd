package io.turboprop.workflow.state;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import java.time.Instant;

/** The state of one execution: one record per phase of its life. */
public sealed interface WorkflowState {

  /** Nothing has happened. */
  record NotStarted(Plans plans) implements WorkflowState {}

  /**
   * The graph is walked. While it is being stopped ({@code tree.root().stop()}), no node is started
   * and those under way are aborted.
   */
  record Running(Header header, NodeTree tree) implements WorkflowState {}

  /** The graph has been walked to its end. */
  record Succeeding(Header header, Values outputs) implements WorkflowState {}

  /** The end. */
  record Done(Header header, Outcome outcome) implements WorkflowState {}

  /** What is fixed from the start. */
  record Header(
      Plan plan, Plans plans, Values inputs, ExecutionSettings settings, Instant startedAt) {}

  /** How an execution may end. */
  sealed interface Outcome {
    record Succeeded(Values outputs) implements Outcome {}

    record Failed(ExecutionError error) implements Outcome {}

    record Aborted(String cause) implements Outcome {}
  }
}
