package io.turboprop.workflow;

import io.turboprop.data.EntityId;

/** What a node does, and to what it refers. */
public sealed interface NodeKind {

  /** Holds the inputs of its graph as its outputs. */
  record Start() implements NodeKind {}

  /** Its inputs are the outputs of its graph. */
  record End() implements NodeKind {}

  /** Runs a task. */
  record Task(EntityId task, TaskOverrides overrides) implements NodeKind {}

  /** Walks another graph as part of the same execution; retried never, failed when it fails. */
  record SubWorkflow(EntityId workflow, Graph graph) implements NodeKind {}

  /**
   * A kind that is compiled but cannot be executed yet; executions of such a plan are refused when
   * they are created.
   *
   * @param what Flyte's word for it, e.g. {@code branch}
   */
  record Unsupported(String what) implements NodeKind {}
}
