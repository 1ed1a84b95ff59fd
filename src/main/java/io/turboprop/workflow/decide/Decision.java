package io.turboprop.workflow.decide;

import io.turboprop.workflow.state.WorkflowEvent;
import java.util.List;

/** The decision about a command. */
public sealed interface Decision {
  /** The command changes nothing, for example a late report. */
  Decision IGNORE = new Ignore();

  /**
   * The command is accepted.
   *
   * @param events in order; may be empty
   * @param after the state after all events
   */
  record Accept(List<WorkflowEvent> events, IndexedState after) implements Decision {}

  /** The command is out of date. */
  record Ignore() implements Decision {}

  /** The command is invalid in this state and changes nothing. */
  record Reject(Reason reason, String message) implements Decision {}

  enum Reason {
    ALREADY_STARTED,
    NOT_STARTED,
    ALREADY_ENDED,
    BUSY
  }
}
