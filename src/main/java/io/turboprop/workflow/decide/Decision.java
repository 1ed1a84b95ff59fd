package io.turboprop.workflow.decide;

import io.turboprop.workflow.state.WorkflowEvent;
import java.util.List;

/** The answer to a command. */
public sealed interface Decision {
  /** Nothing happens, e.g. after a late report. */
  Decision IGNORE = new Ignore();

  /**
   * Something happens.
   *
   * @param events in order; may be empty
   * @param after when all of them have happened
   */
  record Accept(List<WorkflowEvent> events, IndexedState after) implements Decision {}

  /** The command is out of date. */
  record Ignore() implements Decision {}

  /** The caller was wrong; nothing happens. */
  record Reject(Reason reason, String message) implements Decision {}

  enum Reason {
    ALREADY_STARTED,
    NOT_STARTED,
    ALREADY_ENDED,
    BUSY
  }
}
