package io.turboprop.flyteadmin;

import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.WorkflowExecutionEvent;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import java.util.Optional;

/**
 * An event for FlyteAdmin, without its inputs and outputs: whether these travel in the event or as
 * a reference is decided when it is sent ({@link EventValues}).
 */
sealed interface FlyteEvent {

  /** The outputs that the event reports; empty if it reports none. */
  Optional<Values> outputs();

  /** An event of the execution. */
  record ExecutionEvent(WorkflowExecutionEvent event, Optional<Values> outputs)
      implements FlyteEvent {}

  /**
   * An event of a node.
   *
   * @param attempt the node's attempt, from 0, which determines its files
   * @param inputs the form in which the event has the node's inputs
   */
  record NodeEvent(
      NodeExecutionEvent event,
      NodePath path,
      int attempt,
      NodeInputKind inputs,
      Optional<Values> outputs)
      implements FlyteEvent {}

  /** An event of an attempt of a task. */
  record TaskEvent(TaskExecutionEvent event, NodePath path, int attempt, Optional<Values> outputs)
      implements FlyteEvent {}

  /** The form in which the inputs of a node are reported. */
  enum NodeInputKind {
    /** The inputs are in the file {@code inputs.pb}, which the node's worker writes. */
    FILE,
    /** The inputs follow from the outputs of other nodes; their file may not exist. */
    DERIVED,
    /** This event reports no inputs. */
    NONE
  }
}
